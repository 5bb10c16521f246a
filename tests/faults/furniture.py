"""What the site holds before anybody comes: a pageant, and a moderator with a second factor."""

import json
from dataclasses import dataclass

SLUG = "faults"
MODERATOR, PASSWORD = "moderator", "only-for-tests-of-faults"

PROGRAM = f"""
import json
from datetime import timedelta
import django
django.setup()
from django.contrib.auth.models import Group, User
from django.utils import timezone
from django_otp.plugins.otp_totp.models import TOTPDevice
from pageant.models import Pageant
from suggestions.models import Category

now = timezone.now()
texts = {{
    f"{{name}}_{{language}}": f"{{name}} {{language}}"
    for name in ("title", "description", "rules")
    for language in ("en", "vi")
}}
times = {{"opens_at": now - timedelta(days=3), "closes_at": now + timedelta(days=10)}}
Pageant.objects.create(slug={SLUG!r}, **texts, **times)
staff = User.objects.create_user({MODERATOR!r}, password={PASSWORD!r}, is_staff=True)
staff.groups.add(Group.objects.get(name="Moderators"))
device = TOTPDevice.objects.create(user=staff, name="app", confirmed=True)
print(json.dumps({{"key": device.key, "category": Category.objects.first().pk}}))
"""


@dataclass(frozen=True)
class Furniture:
    key: str  # of the moderator's app, in hexadecimal digits
    category: int

    @classmethod
    def of(cls, said: str) -> "Furniture":
        return cls(**json.loads(said.splitlines()[-1]))
