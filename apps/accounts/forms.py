from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm


class SignInForm(AuthenticationForm):
    """Email and password. The email may be typed in any case (`UserManager.get_by_natural_key`)."""

    error_messages = {
        "invalid_login": "That email and password do not belong together. Check both.",
        "inactive": "This account is switched off. Ask the people who run the platform.",
    }

    def __init__(self, request: Any = None, *args: Any, **kwargs: Any) -> None:
        super().__init__(request, *args, **kwargs)
        email = forms.EmailField(
            label="Email",
            error_messages={
                "required": "Type your email.",
                "invalid": "That is not an email address.",
            },
            widget=forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True}),
        )
        self.fields["username"] = email
        self.fields["password"].error_messages["required"] = "Type your password."
