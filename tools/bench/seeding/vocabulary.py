"""The words that invented entries are made of, spread as unevenly as people are."""

from collections.abc import Iterable
from itertools import accumulate, product
from typing import Final


def listed(text: str) -> list[str]:
    return text.split(",")


def sums(weights: Iterable[float]) -> list[float]:
    """Weights as `random.choices` likes them."""
    return list(accumulate(weights))


def falling(count: int) -> list[float]:
    """Weights that fall as those of words in a language do."""
    return sums(1 / rank for rank in range(3, count + 3))


FAMILIES: Final = {
    "Nguyễn": 38, "Trần": 11, "Lê": 10, "Phạm": 7, "Huỳnh": 5, "Hoàng": 5, "Phan": 5, "Vũ": 4, "Võ": 4, "Đặng": 2,
    "Bùi": 2, "Đỗ": 1, "Hồ": 1, "Ngô": 1, "Dương": 1, "Lý": 1, "Đinh": 1, "Mai": 1,
}  # fmt: skip
MIDDLES: Final = listed("Thị,Văn,Ngọc,Thu,Minh,Hoàng,Thanh,Đức,Hữu,Quang,Bảo,Gia,Kim,Phương,Khánh,Xuân,Anh,Tuấn")
GIVEN: Final = listed(
    "Anh,An,Ánh,Bình,Châu,Chi,Cường,Dung,Dũng,Duy,Đạt,Giang,Hà,Hải,Hạnh,Hiền,Hiếu,Hoa,Hòa,Hùng,Hương,Huy,Khang,Khoa,"
    "Lan,Linh,Long,Ly,Mai,Minh,My,Nam,Nga,Ngân,Nghĩa,Ngọc,Nhi,Nhung,Phong,Phúc,Phương,Quân,Quyên,Sơn,Tâm,Thảo,Thành,"
    "Thắng,Thủy,Thư,Tiên,Toàn,Trang,Trinh,Tú,Tuấn,Tuyết,Uyên,Vân,Việt,Vy,Xuân,Yến"
)

# The most frequent first, as for everything below.
PLACES: Final = listed(
    "Sài Gòn,Hà Nội,Đà Nẵng,Cần Thơ,Hải Phòng,Huế,Biên Hòa,Nha Trang,Đà Lạt,Vũng Tàu,Buôn Ma Thuột,Quy Nhơn,Vinh,"
    "Thanh Hóa,Nam Định,Thái Nguyên,Hạ Long,Mỹ Tho,Long Xuyên,Rạch Giá,Cà Mau,Phan Thiết,Pleiku,Hội An,Thủ Dầu Một,"
    "Bắc Ninh,Bắc Giang,Hải Dương,Hưng Yên,Thái Bình,Ninh Bình,Phủ Lý,Việt Trì,Vĩnh Yên,Lào Cai,Sa Pa,Yên Bái,"
    "Tuyên Quang,Hà Giang,Cao Bằng,Lạng Sơn,Bắc Kạn,Sơn La,Điện Biên Phủ,Lai Châu,Hòa Bình,Hà Tĩnh,Đồng Hới,Đông Hà,"
    "Tam Kỳ,Quảng Ngãi,Tuy Hòa,Phan Rang,Kon Tum,Tân An,Bến Tre,Trà Vinh,Vĩnh Long,Sa Đéc,Sóc Trăng,Bạc Liêu"
)

COMMON_HOBBY: Final = "hát"  # one in three has it, none is more common
SCARCE_HOBBY: Final = "đàn nguyệt"  # 3,824 of a million have it
RAREST_HOBBY: Final = "làm đàn đá"  # 5 of a million
SCARCE_OF_A_MILLION: Final = 3_824
RAREST_OF_A_MILLION: Final = 5
HOBBIES: Final = [
    *listed("nấu ăn,đọc sách,du lịch,chụp ảnh,bơi lội,đá bóng,cầu lông,vẽ,làm vườn,xem phim,đàn guitar,chạy bộ"),
    *listed("đàn tranh,yoga,leo núi,cắm hoa,piano,sáo trúc,đàn bầu,thư pháp,cờ vua,đi phượt,làm bánh,may vá"),
    *(
        f"{doing} {style}"
        for style, doing in product(
            listed("dân ca,nhạc trẻ,cải lương,nhạc vàng,bolero,quan họ,chèo,tuồng,ca trù,nhạc Trịnh,hip-hop,jazz,rock"),
            listed("nghe,hát thử,sưu tầm,chép lời,dạy,thu âm,phối khí,tập,viết về,mê,tìm hiểu,phê bình,dịch,đệm"),
        )
    ),
][:197]  # fmt: skip

FOODS: Final = listed(
    "phở,bún bò Huế,cơm tấm,bánh mì,bún chả,bánh xèo,gỏi cuốn,mì Quảng,cao lầu,bánh cuốn,hủ tiếu,bún riêu,chả giò,"
    "bánh bèo,cá kho tộ,canh chua,bún đậu,xôi gấc,chè bưởi,bánh chưng,nem chua,lẩu mắm,bánh khọt,cháo lòng,gỏi đu đủ"
)
SENTENCES: Final = [
    "Tôi hát từ khi còn nhỏ, vì bà tôi hay ru bằng những câu hò.",
    "Cuối tuần nào nhà tôi cũng có khách đến nghe nhạc.",
    "Âm nhạc giúp tôi quen được nhiều bạn mới.",
    "Tôi mong có ngày được đứng trên sân khấu lớn.",
    "Cây đàn đầu tiên của tôi là quà của ông nội.",
    "Tôi đang học thêm về nhạc dân tộc ở trường.",
    "Sau giờ làm, tôi tập cùng ban nhạc trong một gara nhỏ.",
    "Nhà tôi gần sông, nên chiều nào cũng nghe tiếng ghe.",
    "I grew up abroad, and these songs are how I learned the language.",
    "My grandmother taught me the old songs of the delta.",
]
DESCRIPTIONS: Final = [
    "Ảnh chân dung trong nắng chiều",
    "Trên sân khấu của trường",
    "Với cây đàn của ông nội",
    "Áo dài đỏ bên hồ",
    "",
    "Singing at a friend's wedding",
]
SITE_WORDS: Final = listed(
    "nhạc,đàn,sáo,trống,hát,lời,nốt,phách,nhịp,làn điệu,ca khúc,nghệ sĩ,sân khấu,thu âm,bản nhạc"
)
