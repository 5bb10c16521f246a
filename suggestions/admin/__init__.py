from suggestions.admin import categories, reports, suggestions

__all__ = ["categories", "reports", "suggestions"]
