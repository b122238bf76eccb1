"""What keeps a position from running away, in words."""

from trading.protected import Protection, ProtectionState

WORDS = {
    ProtectionState.VENUE_STOP: "stop at the venue",
    ProtectionState.SOFTWARE_WATCH: "watched by us: no stop at the venue",
    ProtectionState.EXITING: "being closed",
    ProtectionState.NAKED: "naked: its stop is missing, and is being written again",
    ProtectionState.DUST: "dust: less than the venue takes",
}
BY_CHOICE = "no stop: its strategy asked for none"


def protection_words(protection: Protection | None) -> str:
    """Nothing where nothing is held."""
    if protection is None:
        return ""
    return BY_CHOICE if protection.is_by_choice else WORDS[protection.state]
