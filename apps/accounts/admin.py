from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.contrib.auth.models import Group
from django.http import HttpRequest

from apps.accounts.models import Consent, TokenSession, User
from apps.common.admin import ReadOnlyAdmin


class NewUserForm(AdminUserCreationForm[User]):
    class Meta:
        model = User
        fields = ("email", "name")

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).lower()  # as UserManager keeps it


class ChangedUserForm(UserChangeForm[User]):
    class Meta:
        model = User
        fields = "__all__"

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).lower()


@admin.register(User)
class PersonAdmin(UserAdmin[User]):
    """People. The password is set by its own form; who may do what is the superuser's to say."""

    form = ChangedUserForm
    add_form = NewUserForm
    ordering = ("email",)
    list_display = (
        "email", "name", "is_active", "is_staff", "is_demo", "date_joined",
        "last_login",
    )  # fmt: skip
    list_filter = ("is_active", "is_staff", "is_superuser", "is_demo", "date_joined")
    search_fields = ("email", "name")
    readonly_fields = ("date_joined", "last_login", "is_demo")
    filter_horizontal = ("user_permissions",)
    fieldsets = (
        (None, {"fields": ("email", "name", "password")}),
        ("May", {"fields": ("is_active", "is_staff", "is_superuser", "user_permissions")}),
        ("History", {"fields": ("date_joined", "last_login", "is_demo")}),
    )
    add_fieldsets = (
        (None, {"fields": ("email", "name", "usable_password", "password1", "password2")}),
    )

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Nobody is deleted here, or what they did would go with them: take `active` away."""
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        """Only a superuser gives rights: else staff could give themselves every one of them."""
        if isinstance(request.user, User) and request.user.is_superuser:
            return self.readonly_fields
        return (*self.readonly_fields, "is_staff", "is_superuser", "user_permissions")


@admin.register(TokenSession)
class TokenSessionAdmin(ReadOnlyAdmin):
    """Where apps are signed in; none of it opens anything."""

    list_display = ("id", "user", "created_at", "refreshed_at", "expires_at", "revoked_at")
    list_filter = (("revoked_at", admin.EmptyFieldListFilter), "created_at")
    list_select_related = ("user",)
    search_fields = ("user__email",)
    ordering = ("-id",)
    exclude = ("refresh_id", "auth_hash")


@admin.register(Consent)
class ConsentAdmin(ReadOnlyAdmin):
    """What people have agreed to; they alone give and withdraw it."""

    list_display = ("id", "user", "document", "version", "given_at", "withdrawn_at")
    list_filter = ("document", ("withdrawn_at", admin.EmptyFieldListFilter), "given_at")
    list_select_related = ("user",)
    search_fields = ("user__email", "document")
    ordering = ("-id",)


admin.site.unregister(Group)  # nobody is given rights by group
