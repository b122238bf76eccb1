from django.contrib.auth.views import LoginView, LogoutView

from apps.accounts.forms import SignInForm


class SignIn(LoginView):
    authentication_form = SignInForm
    template_name = "accounts/sign_in.html"
    redirect_authenticated_user = True


class SignOut(LogoutView):
    """POST only: a link or an image on another site cannot sign anybody out."""
