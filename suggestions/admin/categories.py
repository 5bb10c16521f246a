"""The directory's categories."""

from django.contrib import admin
from django.db import models

from core.fields import LineField
from suggestions.models import Category


@admin.register(Category)
class CategoryAdmin(admin.ModelAdmin):
    list_display = ["__str__", "name_en", "name_vi", "position", "websites"]
    list_editable = ["position"]
    prepopulated_fields = {"slug": ["name_en"]}
    readonly_fields = ["websites"]
    # Pasted text may contain control characters, which are not allowed in XML and would break the feed.
    formfield_overrides = {models.SlugField: {}, models.CharField: {"form_class": LineField}}
