from django.http import HttpResponse


def download(written: str, kind: str, name: str) -> HttpResponse:
    """A file to be kept, not shown."""
    answer = HttpResponse(written, content_type=f"{kind}; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
