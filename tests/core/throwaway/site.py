from django.http import HttpRequest

from core.site import Card, HomeBlock, PreferenceKind, Samples, Section, Site


def home_blocks() -> list[HomeBlock]:
    return [HomeBlock(45, "throwaway/home.html", {"name": "Đàn bầu"})]


def staff_card(request: HttpRequest) -> Card:
    return Card(name="Instruments", columns=["strings"], rows=[("Đàn bầu", [1])])


SITE = Site(
    home=home_blocks,
    sitemap=lambda: ["/throwaway/"],
    sections={"throwaway": Section("instruments", detail="instrument")},
    staff_cards=[staff_card],
    samples=Samples("throwaway/samples.html", lambda: {"name": "Sáo trúc"}),
    preferences=[PreferenceKind("instrument", field="instruments", label="Instruments")],
    tour={"throwaway": "/throwaway/"},
)
