"""The categories that ship with the site."""

from django.db import connections
from django.utils.text import slugify

from suggestions.models import Category

CATEGORIES = [
    ("Artists and bands", "Nghệ sĩ và ban nhạc"),
    ("Traditional music", "Nhạc dân tộc"),
    ("Cải lương and theatre", "Cải lương và sân khấu"),
    ("Songs from before 1975", "Nhạc trước 1975"),
    ("Pop and ballads", "Nhạc trẻ"),
    ("Rock, metal and punk", "Rock, metal và punk"),
    ("Hip-hop and electronic", "Hip-hop và nhạc điện tử"),
    ("Instruments and makers", "Nhạc cụ và nghệ nhân"),
    ("Learning to sing and play", "Học hát và học đàn"),
    ("Lyrics, chords and scores", "Lời, hợp âm và bản nhạc"),
    ("Radio and podcasts", "Đài phát thanh và podcast"),
    ("Festivals and venues", "Lễ hội và phòng trà"),
    ("Archives and research", "Lưu trữ và nghiên cứu"),
]


def make_categories(using: str, **kwargs: object) -> None:
    """Makes them if there are no categories. Does nothing while the table isn't fully migrated."""
    if is_ready(using) and not Category.objects.using(using).exists():
        Category.objects.using(using).bulk_create(
            Category(slug=slug_of(name_en), name_en=name_en, name_vi=name_vi, position=10 * place)
            for place, (name_en, name_vi) in enumerate(CATEGORIES, start=1)
        )


def slug_of(name: str) -> str:
    return slugify(name.replace(" and ", " "))


def is_ready(using: str) -> bool:
    connection = connections[using]
    table = Category._meta.db_table
    with connection.cursor() as cursor:
        if table not in connection.introspection.table_names(cursor):
            return False
        columns = {column.name for column in connection.introspection.get_table_description(cursor, table)}
    return {field.column for field in Category._meta.local_fields} <= columns
