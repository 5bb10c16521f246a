"""The people and pageants of the demo, all of them invented."""

from dataclasses import dataclass, replace
from datetime import timedelta

from demo.pageant.casting import cast


@dataclass(frozen=True)
class Person:
    """An entrant; `photos` are seeds for `pictures.draw`, which `casting.cast` picks."""

    display_name: str
    lives_in: str
    favourite_food: str
    hobbies: tuple[str, ...]
    about: str
    language: str
    photo_count: int
    photos: tuple[int, ...] = ()


@dataclass(frozen=True)
class Pageant:
    """A pageant; `opening` and `closing` count from the moment at which the demo is made.

    Paragraphs of the descriptions and rules are separated by blank lines.
    """

    slug: str
    title_en: str
    title_vi: str
    description_en: str
    description_vi: str
    rules_en: str
    rules_vi: str
    opening: timedelta
    closing: timedelta
    max_photos: int


@dataclass(frozen=True)
class Sponsor:
    """A co-sponsor of a pageant, on a domain reserved for examples; `fields` are those of entries that it may get."""

    name: str
    host: str
    purpose_en: str
    purpose_vi: str
    fields: tuple[str, ...]


RULES_EN = """\
You need to be 18 or older, and live anywhere you like. You don't have to be a professional: if music is \
part of your life, this is for you.

One entry for each person. Please write about yourself in your own words, in Vietnamese or in English.

Upload only pictures that show you and that are yours to share. If somebody else took them, ask first. \
If somebody else is in them, ask them too.

Taking part is free. There is nothing to buy, now or later, and nothing you could buy would help your \
entry.

Our moderators look at each entry before it appears. If something needs to change we tell you why, and \
you can send it in again.

You may change your entry until the pageant closes, and withdraw it whenever you like, without giving a \
reason.

There is no public vote for now. After the closing day a small jury of musicians and listeners reads \
every entry and picks the ones to present. They go by what you tell and show about your music, not by \
looks.

Be kind. We take down entries that hurt, mock or mislead others."""

RULES_VI = """\
Bạn đủ 18 tuổi trở lên, sống ở đâu cũng được. Không cần là nghệ sĩ chuyên nghiệp: chỉ cần âm nhạc là một \
phần cuộc sống của bạn.

Mỗi người chỉ gửi một bài dự thi. Hãy tự viết về mình, bằng tiếng Việt hoặc tiếng Anh đều được.

Chỉ đăng những tấm ảnh chụp chính bạn và bạn có quyền chia sẻ. Nếu ảnh do người khác chụp, hãy xin phép \
họ trước. Nếu trong ảnh còn có người khác, bạn cũng nhớ hỏi ý họ nhé.

Tham gia hoàn toàn miễn phí. Bạn không phải mua gì cả, bây giờ cũng như sau này, và cũng chẳng có gì mua \
được để bài của bạn được ưu tiên hơn.

Ban điều hành xem từng bài trước khi đăng. Nếu có chỗ cần sửa, chúng mình sẽ nói rõ lý do để bạn chỉnh \
và gửi lại.

Bạn có thể sửa bài cho đến khi cuộc thi kết thúc, và rút lui bất cứ lúc nào mà không cần nêu lý do.

Hiện cuộc thi chưa có bình chọn công khai. Sau ngày kết thúc, một ban giám khảo nhỏ gồm những người làm \
nhạc và yêu nhạc sẽ đọc hết các bài rồi chọn ra những gương mặt để giới thiệu. Ban giám khảo xét câu \
chuyện âm nhạc của bạn chứ không chấm ngoại hình.

Hãy tử tế với nhau. Những bài xúc phạm, chế giễu hay gây hiểu lầm cho người khác sẽ được gỡ xuống."""

SPONSOR = Sponsor(
    name="Nhà nhạc Đàn & Phím",
    host="dan-va-phim.example",
    purpose_en="To send you two free tickets to the closing concert, and nothing else.",
    purpose_vi="Để gửi tặng bạn hai vé xem đêm nhạc bế mạc, ngoài ra không dùng vào việc gì khác.",
    fields=("display_name", "email", "lives_in"),
)
PAST_SPONSOR = Sponsor(
    name="Phòng trà Giọt Đàn",
    host="giot-dan.example",
    purpose_en="To read your name aloud on the evening of the first songs.",
    purpose_vi="Để xướng tên bạn trong đêm diễn những bài hát đầu tiên.",
    fields=("display_name", "lives_in"),
)

PAGEANTS = (
    Pageant(
        slug="first-songs",
        title_en="First Songs",
        title_vi="Những bài hát đầu tiên",
        description_en="""\
Everyone who loves music has a first song: one a grandmother hummed, one learnt by heart from the radio, \
one played badly on a borrowed guitar.

For our first pageant we asked you to introduce yourselves through yours. Thank you for so many lovely \
stories!""",
        description_vi="""\
Ai yêu nhạc cũng có một bài hát đầu tiên: bài bà ru ngày bé, bài nghe trên radio đến thuộc lòng, hay bài \
tập đàn vụng về trên cây guitar đi mượn.

Ở cuộc thi đầu tiên này, chúng mình mời các bạn giới thiệu bản thân qua bài hát ấy. Cảm ơn các bạn vì \
thật nhiều câu chuyện đáng yêu!""",
        rules_en=RULES_EN,
        rules_vi=RULES_VI,
        opening=timedelta(days=-320),
        closing=timedelta(days=-272),
        max_photos=3,
    ),
    Pageant(
        slug="faces-of-vietmusic",
        title_en="Faces of Vietmusic",
        title_vi="Gương mặt Vietmusic",
        description_en="""\
Singers and dancers, players of the đàn tranh and of the electric guitar, people who write songs on the \
bus and people who only sing in the kitchen: show us who you are.

Tell us what music means to you and add a few pictures. We'd love to see faces from every region of Việt \
Nam, and from everywhere else that Vietnamese music has found a home.""",
        description_vi="""\
Bạn hát, bạn nhảy, bạn chơi đàn tranh hay guitar điện, bạn viết nhạc trên xe buýt hay chỉ hát trong bếp: \
hãy cho mọi người biết bạn là ai nhé.

Kể cho chúng mình nghe âm nhạc có ý nghĩa gì với bạn, kèm theo vài tấm ảnh. Chúng mình mong được gặp \
những gương mặt từ khắp mọi miền đất nước, và từ mọi nơi trên thế giới có tiếng nhạc Việt.""",
        rules_en=RULES_EN,
        rules_vi=RULES_VI,
        opening=timedelta(days=-20),
        closing=timedelta(days=25),
        max_photos=3,
    ),
    Pageant(
        slug="strings-and-bamboo",
        title_en="Strings and Bamboo",
        title_vi="Tiếng tơ tiếng trúc",
        description_en="""\
This one is for traditional instruments: đàn tranh, đàn bầu, đàn nguyệt, bamboo flute, drums and gongs, \
and whatever your village calls its own.

Beginners are as welcome as masters. Show us you and your instrument, and tell us how the two of you \
met.""",
        description_vi="""\
Cuộc thi này dành cho nhạc cụ dân tộc: đàn tranh, đàn bầu, đàn nguyệt, sáo trúc, trống, chiêng và cả \
những nhạc cụ chỉ quê bạn mới có.

Mới tập chơi hay đã thành nghề đều được chào đón. Hãy khoe bạn cùng nhạc cụ của mình, và kể xem hai bên \
đã gặp nhau thế nào nhé.""",
        rules_en=RULES_EN,
        rules_vi=RULES_VI,
        opening=timedelta(days=40),
        closing=timedelta(days=85),
        max_photos=5,
    ),
)

ENTRANTS = (
    Person(
        display_name="Nguyễn Hạ Miên",
        lives_in="Đà Lạt",
        favourite_food="bánh căn",
        hobbies=("hát", "guitar", "chụp ảnh"),
        about=(
            "Mình lớn lên ở Đà Lạt, nhà có giàn hoa giấy và một cây guitar cũ của ba. Tối nào trời lạnh là "
            "cả nhà lại ngồi hát với nhau. Mình thích những bài chậm, hát nhỏ nhỏ như đang kể chuyện."
        ),
        language="vi",
        photo_count=3,
    ),
    Person(
        display_name="Trần Bảo Khang",
        lives_in="TP. Hồ Chí Minh",
        favourite_food="cơm tấm sườn bì",
        hobbies=("nhảy", "sáng tác", "cà phê"),
        about=(
            "Ban ngày mình làm thiết kế, tối về viết nhạc trong căn phòng trọ bé xíu. Hàng xóm nghe riết "
            "rồi cũng thuộc lời. Mong có ngày được hát những bài ấy trên một sân khấu thật."
        ),
        language="vi",
        photo_count=2,
    ),
    Person(
        display_name="Lê Tường Lam",
        lives_in="Huế",
        favourite_food="bún bò",
        hobbies=("đàn tranh", "đọc sách", "vẽ"),
        about=(
            "Mình học đàn tranh từ năm bảy tuổi, cô giáo đầu tiên là bà ngoại. Mình thích chơi những điệu "
            "lý quê nhà rồi thử phối lại cho hợp tai người trẻ. Nếu có dịp ghé Huế, nhớ nhắn mình dẫn đi "
            "ăn chè nhé!"
        ),
        language="vi",
        photo_count=2,
    ),
    Person(
        display_name="Phạm Gia Nguyên",
        lives_in="Hà Nội",
        favourite_food="bún chả",
        hobbies=("piano", "đọc sách", "chạy bộ"),
        about=(
            "Mình dạy piano cho mấy bạn nhỏ ở khu tập thể cũ. Mình tin rằng ai cũng có một bài hát của "
            "riêng mình, chỉ là chưa gặp thôi. Sáng sớm mình hay chạy một vòng hồ rồi mới về tập đàn."
        ),
        language="vi",
        photo_count=2,
    ),
    Person(
        display_name="Võ Thảo Nhi",
        lives_in="Nha Trang",
        favourite_food="bún sứa",
        hobbies=("hát", "du lịch", "chụp ảnh"),
        about=(
            "Nhà mình cách biển đúng ba con hẻm nên hồi nhỏ toàn tập hát với tiếng sóng. Mình hát nhạc nhẹ "
            "và đang tập tành hát dân ca. Rất vui được làm quen với mọi người!"
        ),
        language="vi",
        photo_count=1,
    ),
    Person(
        display_name="Đoàn Quốc Thịnh",
        lives_in="Cần Thơ",
        favourite_food="lẩu mắm",
        hobbies=("guitar", "hát", "nấu ăn"),
        about=(
            "Dân miền Tây chính hiệu, mê vọng cổ từ trong nôi. Mình chơi guitar phím lõm, cuối tuần hay "
            "đờn ca với mấy chú trong xóm. Ai thích nghe chuyện sông nước thì mình kể tới sáng cũng được."
        ),
        language="vi",
        photo_count=2,
    ),
    Person(
        display_name="Hoàng Diệu Thư",
        lives_in="Hội An",
        favourite_food="cao lầu",
        hobbies=("vẽ", "hát", "cà phê"),
        about=(
            "Mình vẽ đèn lồng ở phố cổ, vừa vẽ vừa hát nên khách quen hay gọi là cô thợ biết hát. Âm nhạc "
            "với mình là màu sắc, bài nào cũng có một màu."
        ),
        language="vi",
        photo_count=3,
    ),
    Person(
        display_name="Sương Cuối Dốc",
        lives_in="Đà Lạt",
        favourite_food="bánh tráng nướng",
        hobbies=("sáng tác", "guitar", "du lịch"),
        about=(
            "Mình là Sương, đi đâu cũng mang theo cây đàn và cuốn sổ tay. Mỗi chuyến đi mình viết một bài, "
            "bài nào cũng có tên một con đường. Mình không giỏi nói, nên để bài hát nói giúp."
        ),
        language="vi",
        photo_count=2,
    ),
    Person(
        display_name="Bùi Minh Triết",
        lives_in="Hải Phòng",
        favourite_food="bánh đa cua",
        hobbies=("sáo trúc", "chạy bộ", "đọc sách"),
        about=(
            "Cây sáo đầu tiên của mình là do ông nội khoét từ một đoạn trúc sau vườn. Mình thích thổi sáo "
            "ở bến cảng lúc chiều xuống, khi tàu đã về gần hết. Tham gia lần này để gặp thêm bạn chơi nhạc "
            "cụ dân tộc."
        ),
        language="vi",
        photo_count=2,
    ),
    Person(
        display_name="Huỳnh Ngọc Châu",
        lives_in="Bến Tre",
        favourite_food="cá kho tộ",
        hobbies=("hát", "nấu ăn", "làm vườn"),
        about=(
            "Má nói mình biết hát trước khi biết nói. Mình lớn lên với những câu lý, câu hò trên chiếc ghe "
            "của ông bà. Giờ mình có một vườn dừa nhỏ và vẫn hát mỗi ngày, chủ yếu cho mấy con gà nghe."
        ),
        language="vi",
        photo_count=2,
    ),
    Person(
        display_name="Tạ Khánh Đoan",
        lives_in="Hà Nội",
        favourite_food="phở gà",
        hobbies=("đàn bầu", "đọc sách"),
        about=(
            "Chỉ một dây thôi mà nói được bao nhiêu điều, mình mê đàn bầu vì thế. Mình đang học năm cuối "
            "ngành sư phạm và mơ mở một lớp nhạc dân tộc cho thiếu nhi. Bạn nào chưa nghe đàn bầu bao giờ, "
            "cho mình mời một bài nhé."
        ),
        language="vi",
        photo_count=2,
    ),
    Person(
        display_name="Lý Hoài Phong",
        lives_in="Sóc Trăng",
        favourite_food="bún nước lèo",
        hobbies=("nhảy", "hát", "nấu ăn"),
        about=(
            "Mình nhảy từ nhỏ, từ múa ở chùa mỗi dịp lễ cho đến hiphop ở nhà văn hóa. Với mình, nhịp trống "
            "là thứ tiếng ai cũng hiểu. Mình muốn kể chuyện quê mình bằng một điệu nhảy thật vui."
        ),
        language="vi",
        photo_count=2,
    ),
    Person(
        display_name="Dương Cẩm Tiên",
        lives_in="Mỹ Tho",
        favourite_food="hủ tiếu",
        hobbies=("hát", "cà phê", "chụp ảnh"),
        about=(
            "Mình bán cà phê buổi sáng, hát phòng trà buổi tối, giữa trưa thì ngủ. Mình thích nhạc xưa vì "
            "lời đẹp như thư tay. Ước gì một lần được hát cùng dàn nhạc thật đông."
        ),
        language="vi",
        photo_count=2,
    ),
    Person(
        display_name="Ngô Nhật Duy",
        lives_in="Đà Nẵng",
        favourite_food="mì Quảng",
        hobbies=("guitar", "sáng tác", "chạy bộ"),
        about=(
            "Mình là kỹ sư cầu đường, viết nhạc vào những lúc kẹt xe. Bài nào của mình cũng có gió biển "
            "trong đó, ở Đà Nẵng thì khó mà khác được. Mình tự thu âm ở nhà nên đôi khi nghe cả tiếng chim."
        ),
        language="vi",
        photo_count=2,
    ),
    Person(
        display_name="Đỗ An Hạ",
        lives_in="Nam Định",
        favourite_food="phở bò",
        hobbies=("hát", "vẽ", "đọc sách"),
        about=(
            "Mình hát chèo từ năm mười tuổi trong đội văn nghệ của làng. Lên thành phố học, nhớ nhà là lại "
            "ngâm nga vài câu. Mình mong các bạn trẻ thấy chèo không hề xa lạ."
        ),
        language="vi",
        photo_count=1,
    ),
    Person(
        display_name="Sơn Ca Nhỏ",
        lives_in="Vĩnh Long",
        favourite_food="bánh xèo",
        hobbies=("hát", "làm vườn", "nấu ăn"),
        about=(
            "Bạn bè gọi mình là Sơn Ca vì sáng nào mình cũng dậy sớm hát vang cả xóm. Mình hát dân ca Nam "
            "Bộ và đang tập thêm nhạc trẻ để hát cùng mấy đứa cháu. Người nhỏ nhưng giọng không nhỏ đâu "
            "nha!"
        ),
        language="vi",
        photo_count=3,
    ),
    Person(
        display_name="Phan Tuệ Mẫn",
        lives_in="Vinh",
        favourite_food="cháo lươn",
        hobbies=("hát", "đọc sách", "chạy bộ"),
        about=(
            "Mình là cô giáo dạy văn, tiết nào khó quá thì mình hát ví giặm cho cả lớp tỉnh ngủ. Học trò "
            "xúi mình đăng ký, giờ thì các em phải cổ vũ thôi. Mình tin lời hay thì tự nó đã có nhạc."
        ),
        language="vi",
        photo_count=2,
    ),
    Person(
        display_name="Trịnh Yên Chi",
        lives_in="Thanh Hóa",
        favourite_food="nem chua",
        hobbies=("nhảy", "chụp ảnh", "du lịch"),
        about=(
            "Mình mê múa dân gian và mê luôn cả việc may trang phục biểu diễn. Mỗi điệu múa mình học được "
            "là một lần đi xa. Rất mong được gặp các bạn ở khắp mọi miền."
        ),
        language="vi",
        photo_count=2,
    ),
    Person(
        display_name="Vũ Đăng Quân",
        lives_in="Hạ Long",
        favourite_food="chả mực",
        hobbies=("piano", "hát", "chụp ảnh"),
        about=(
            "Mình chơi piano cho một quán nhỏ nhìn ra vịnh. Có những tối khách chỉ còn một bàn, mình lại "
            "chơi những bài mình thích nhất. Ảnh mình chụp toàn là biển, mong mọi người không chán."
        ),
        language="vi",
        photo_count=2,
    ),
    Person(
        display_name="Mai Uyển Nhi",
        lives_in="Quy Nhơn",
        favourite_food="bánh hỏi",
        hobbies=("đàn tranh", "hát", "cà phê"),
        about=(
            "Mình học đàn tranh ở nhà thiếu nhi rồi mê luôn tới giờ. Mình thích đàn những bản nhạc trẻ, "
            "nghe lạ mà vẫn quen. Ai cần người đàn đám cưới thì mình luôn sẵn sàng!"
        ),
        language="vi",
        photo_count=2,
    ),
    Person(
        display_name="Lương Thế Bách",
        lives_in="Sa Pa",
        favourite_food="lẩu cá tầm",
        hobbies=("sáo trúc", "du lịch", "chụp ảnh"),
        about=(
            "Mình dẫn khách leo núi, trong ba lô lúc nào cũng có cây sáo. Thổi sáo giữa ruộng bậc thang "
            "mùa nước đổ là cảm giác khó tả lắm. Mình muốn mang chút gió núi xuống cho mọi người nghe."
        ),
        language="vi",
        photo_count=2,
    ),
    Person(
        display_name="H'Linh Niê",
        lives_in="Buôn Ma Thuột",
        favourite_food="bún đỏ",
        hobbies=("hát", "nhảy", "cà phê"),
        about=(
            "Mình là người Ê Đê, lớn lên cùng tiếng chiêng và mùi cà phê rang. Mình hát bằng cả tiếng mẹ "
            "đẻ lẫn tiếng Việt. Mong mọi người nghe và thấy Tây Nguyên gần hơn một chút."
        ),
        language="vi",
        photo_count=2,
    ),
    Person(
        display_name="Châu Thanh Sang",
        lives_in="Châu Đốc",
        favourite_food="bún cá",
        hobbies=("đàn bầu", "guitar", "sáng tác"),
        about=(
            "Mình sửa đàn để sống và chơi đàn để vui. Cây đàn bầu mình dùng là do mình tự đóng, mất đúng "
            "ba mùa nước nổi. Mình đang viết một bản song tấu cho đàn bầu và guitar."
        ),
        language="vi",
        photo_count=2,
    ),
    Person(
        display_name="Đinh Nhã Uyên",
        lives_in="Ninh Bình",
        favourite_food="cơm cháy",
        hobbies=("vẽ", "piano", "đọc sách"),
        about=(
            "Mình vẽ minh họa sách thiếu nhi và chơi piano mỗi khi bí ý tưởng. Mình thích những giai điệu "
            "đơn giản mà nghe xong cứ nhớ mãi. Đây là lần đầu mình đăng ký một cuộc thi, hơi run nhưng vui."
        ),
        language="vi",
        photo_count=3,
    ),
    Person(
        display_name="Cao Vĩnh Kỳ",
        lives_in="Huế",
        favourite_food="bánh bèo",
        hobbies=("sáo trúc", "đọc sách", "cà phê"),
        about=(
            "Mình mê nhã nhạc và dành phần lớn thời gian rảnh để ghi lại lời kể của các nghệ nhân lớn "
            "tuổi. Thổi sáo chưa hay lắm nhưng thổi bằng cả tấm lòng. Mình mong gặp được những bạn cùng sở "
            "thích."
        ),
        language="vi",
        photo_count=2,
    ),
    Person(
        display_name="Tôn Nữ Hạnh Dung",
        lives_in="Huế",
        favourite_food="cơm hến",
        hobbies=("hát", "đàn tranh", "nấu ăn"),
        about=(
            "Mình hát ca Huế trên thuyền vào những đêm trăng. Có vị khách nước ngoài nghe không hiểu lời "
            "mà vẫn khóc, từ đó mình tin nhạc không cần phiên dịch. Ngoài giờ hát, mình nấu ăn cũng được "
            "lắm."
        ),
        language="vi",
        photo_count=2,
    ),
    Person(
        display_name="Nắng Tháng Ba",
        lives_in="TP. Hồ Chí Minh",
        favourite_food="bánh mì",
        hobbies=("sáng tác", "hát", "nhảy"),
        about=(
            "Mình viết nhạc pop có chút buồn nhưng lúc nào cũng kết thúc bằng nắng. Tên thật mình giữ cho "
            "gia đình gọi, còn ở đây cứ gọi mình là Nắng. Mình đang gom góp để ra mắt album đầu tay."
        ),
        language="vi",
        photo_count=3,
    ),
    Person(
        display_name="Quách Hải Đường",
        lives_in="Phan Thiết",
        favourite_food="bánh canh chả cá",
        hobbies=("hát", "chạy bộ", "du lịch"),
        about=(
            "Con gái làng chài nên giọng mình hơi mặn một chút. Mình hát bolero cho ba nghe mỗi khi ghe về "
            "bến. Mục tiêu năm nay là chạy hết một giải bán marathon và hát trọn một đêm nhạc."
        ),
        language="vi",
        photo_count=2,
    ),
    Person(
        display_name="Thạch Minh Thư",
        lives_in="Trà Vinh",
        favourite_food="bánh tét",
        hobbies=("nhảy", "vẽ", "chụp ảnh"),
        about=(
            "Mình là người Khmer, thích múa và thích vẽ hoa văn. Mình hay quay lại những điệu múa cũ để "
            "các em nhỏ trong phum có cái mà xem. Vui nhất là khi thấy các em múa theo."
        ),
        language="vi",
        photo_count=2,
    ),
    Person(
        display_name="Lâm Chí Bảo",
        lives_in="Bạc Liêu",
        favourite_food="bún bò cay",
        hobbies=("guitar", "hát", "sáng tác"),
        about=(
            "Sinh ra ở đất đờn ca tài tử thì khó mà không mê đờn. Mình đang thử viết vọng cổ về những "
            "chuyện rất đời thường: đi chợ, chờ xe, nhớ người yêu cũ. Nghe xong cười được là mình mãn "
            "nguyện."
        ),
        language="vi",
        photo_count=2,
    ),
    Person(
        display_name="Hà Kiều Trinh",
        lives_in="Pleiku",
        favourite_food="phở khô",
        hobbies=("piano", "cà phê", "đọc sách"),
        about=(
            "Mình mở một quán cà phê nhỏ có cây piano ai cũng được đàn. Nhiều tình bạn bắt đầu từ cây đàn "
            "ấy. Mình tham gia để kể chuyện về những người khách đã ghé qua."
        ),
        language="vi",
        photo_count=2,
    ),
    Person(
        display_name="Trương Lộc Xuân",
        lives_in="Paris",
        favourite_food="bánh cuốn",
        hobbies=("piano", "hát", "nấu ăn"),
        about=(
            "Mình qua Pháp học rồi ở lại, tính ra cũng hơn mười năm. Nhớ nhà thì mình nấu một nồi phở rồi "
            "mời bạn bè đến hát. Mình hát nhạc Việt với chút phong vị jazz, mong mọi người thấy hợp tai."
        ),
        language="vi",
        photo_count=2,
    ),
    Person(
        display_name="Kevin Bảo Trần",
        lives_in="San Jose",
        favourite_food="phở, with extra herbs",
        hobbies=("guitar", "songwriting", "running"),
        about=(
            "I grew up helping in my parents' bakery and writing songs on the backs of receipts. My "
            "Vietnamese is better when I sing than when I speak, and I'm working on both. Most of my songs "
            "are about people who came a long way."
        ),
        language="en",
        photo_count=2,
    ),
    Person(
        display_name="Linh Đan Lefort",
        lives_in="Paris",
        favourite_food="chè ba màu",
        hobbies=("singing", "photography", "travel"),
        about=(
            "My mother is from Huế and my father is from Brittany, so family dinners are long and loud. I "
            "sing old lullabies in new arrangements. I'd love to meet others who are finding their way "
            "back to the language through music."
        ),
        language="en",
        photo_count=2,
    ),
    Person(
        display_name="Jenny Thư Phạm",
        lives_in="Sydney",
        favourite_food="bánh xèo",
        hobbies=("dancing", "cooking", "singing"),
        about=(
            "I teach dance to kids after school and learn at least as much as they do. My grandmother "
            "taught me a fan dance in her garage, and I've been building on it ever since. If there's "
            "music on, I'm already moving."
        ),
        language="en",
        photo_count=3,
    ),
    Person(
        display_name="Tommy Hoài Lê",
        lives_in="Houston",
        favourite_food="bún bò Huế",
        hobbies=("guitar", "cooking", "reading"),
        about=(
            "Nurse on weekdays, guitarist at every family party whether they asked or not. I like slow "
            "ballads with good stories in them. This is my first time entering anything, so be kind!"
        ),
        language="en",
        photo_count=2,
    ),
    Person(
        display_name="An Nhiên Võ",
        lives_in="Melbourne",
        favourite_food="gỏi cuốn",
        hobbies=("đàn tranh", "reading", "painting"),
        about=(
            "I found a đàn tranh at a garage sale and had no idea how to tune it. Six years and one very "
            "patient teacher later, it's the thing I'd save from a fire. I play traditional pieces and a "
            "few of my own."
        ),
        language="en",
        photo_count=2,
    ),
    Person(
        display_name="Skye Sài Gòn",
        lives_in="Toronto",
        favourite_food="bánh mì",
        hobbies=("songwriting", "dancing", "photography"),
        about=(
            "Skye is my stage name; my aunties still call me Bé Ti. I write pop songs in two languages, "
            "sometimes in the same line. I'm happiest when someone's grandma sings along to the chorus."
        ),
        language="en",
        photo_count=2,
    ),
    Person(
        display_name="Quân Đỗ",
        lives_in="Berlin",
        favourite_food="bún chả",
        hobbies=("piano", "running", "cooking"),
        about=(
            "I came to Berlin to study and stayed for the piano in the student hall. I play film music, "
            "old Hanoi songs and whatever my neighbours ask for through the wall. Looking forward to "
            "hearing all of you."
        ),
        language="en",
        photo_count=2,
    ),
    Person(
        display_name="Minh-Châu Hoàng",
        lives_in="Prague",
        favourite_food="nem rán",
        hobbies=("singing", "piano", "reading"),
        about=(
            "My parents have a shop in the big Vietnamese market here, and I did my homework to cassette "
            "tapes of folk songs. Now I sing in a choir and sneak those songs into the programme. The "
            "choir has stopped pretending to mind."
        ),
        language="en",
        photo_count=2,
    ),
    Person(
        display_name="Daniel Khải Ngô",
        lives_in="Seattle",
        favourite_food="cơm tấm",
        hobbies=("photography", "guitar", "travel"),
        about=(
            "I photograph small concerts and play at even smaller ones. Last year I spent three months "
            "riding from Hà Giang to Cà Mau with a travel guitar on my back. I came home with forty "
            "recordings and one very tired guitar."
        ),
        language="en",
        photo_count=2,
    ),
    Person(
        display_name="Vy Lotus",
        lives_in="Đà Nẵng",
        favourite_food="mì Quảng",
        hobbies=("dancing", "singing", "painting"),
        about=(
            "I moved back to Việt Nam two years ago after growing up abroad, and the sea convinced me to "
            "stay. I mix contemporary dance with lotus and lantern dances. Ask me about my costumes, I sew "
            "them all myself."
        ),
        language="en",
        photo_count=2,
    ),
    Person(
        display_name="Ivy Bích Đặng",
        lives_in="London",
        favourite_food="bánh cuốn",
        hobbies=("songwriting", "reading", "cooking"),
        about=(
            "I'm a librarian with a loud voice, which is less of a contradiction than you'd think. I write "
            "songs from old letters, with permission from the people who kept them. Tea first, then music."
        ),
        language="en",
        photo_count=2,
    ),
    Person(
        display_name="Theo Minh Lâm",
        lives_in="Auckland",
        favourite_food="cá kho tộ",
        hobbies=("running", "đàn tranh", "photography"),
        about=(
            "My sister plays the violin, I play the đàn tranh, and our parents play referee. I came to it "
            "late, at nineteen, and I practise in the park when the weather allows. I'd like to show that "
            "it's never too late to start."
        ),
        language="en",
        photo_count=2,
    ),
)

SEEDS = cast((person.hobbies, person.photo_count) for person in ENTRANTS)
PEOPLE = tuple(replace(person, photos=photos) for person, photos in zip(ENTRANTS, SEEDS, strict=True))
