"""What the launcher says when it cannot give the platform its servers."""


class EmbeddedServerError(Exception):
    """An embedded server cannot run here; the text tells the reader what to do."""
