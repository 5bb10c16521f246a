"""The demo's websites, all invented, on domains reserved for examples."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Website:
    """`language` is that of its title and description; `site` is its `Suggestion.SiteLanguage`."""

    category: str  # its slug
    url: str
    title: str
    description: str
    language: str
    site: str


def in_category(category: str, *rows: tuple[str, str, str, str, str]) -> list[Website]:
    return [Website(category, *row) for row in rows]


WEBSITES = [
    *in_category(
        "artists-bands",
        ("https://lananh.example/", "Lan Anh hát", "Trang riêng của ca sĩ Lan Anh: lịch diễn, lời bài hát và nhật ký thu âm.", "vi", "vi"),
        ("https://song-han.example/", "Ban nhạc Sông Hàn", "Năm người bạn từ Đà Nẵng chơi folk với đàn nguyệt và guitar thùng.", "vi", "both"),
        ("https://www.thecyclos.example/music", "The Cyclos", "A surf band from Saigon. Every song can be heard in full, with the story of how it came about.", "en", "both"),
        ("https://minhkhue.example/", "Minh Khuê", "Nghệ sĩ đàn tranh kể về hai mươi năm trên sân khấu, có nhiều bản thu trực tiếp.", "vi", "vi"),
        ("https://hoangmai.example/en", "Hoàng Mai in Paris", "A jazz singer between two languages; tour diary and sheet music for her own songs.", "en", "other"),
    ),
    *in_category(
        "traditional-music",
        ("https://quanho.example/", "Quan họ làng Diềm", "Các liền anh liền chị làng Diềm giới thiệu lề lối, giọng và cách học quan họ.", "vi", "vi"),
        ("https://catru.example/giao-phuong", "Giáo phường ca trù", "Tư liệu về ca trù: phách, đàn đáy, trống chầu, và lịch hát ở Hà Nội.", "vi", "vi"),
        ("https://nhanhac.example/", "Nhã nhạc", "The court music of Huế explained piece by piece, with scores in two notations.", "en", "both"),
        ("https://congchieng.example/", "Tiếng cồng chiêng", "Âm thanh cồng chiêng Tây Nguyên do các buôn làng tự ghi và tự kể.", "vi", "both"),
        ("https://chauvan.example/", "Chầu văn", "Lời các bản văn, cách gõ phách và những buổi hầu được phép ghi lại.", "vi", "vi"),
    ),
    *in_category(
        "cai-luong-theatre",
        ("https://cailuong.example/", "Sân khấu cải lương", "Tóm tắt hơn ba trăm vở, ai soạn, ai diễn, và những câu vọng cổ ai cũng thuộc.", "vi", "vi"),
        ("https://vongco.example/hoc", "Học ca vọng cổ", "Từng câu một: nhịp, dây, hơi, có tiếng mẫu chậm và nhanh.", "vi", "vi"),
        ("https://hatboi.example/", "Hát bội today", "What the masks mean, where troupes still play, and how to follow a play without knowing the words.", "en", "both"),
        ("https://chèo.example/", "Chiếu chèo", "Làn điệu chèo cổ với lời và lòng bản, do một gia đình ở Thái Bình gìn giữ.", "vi", "vi"),
    ),
    *in_category(
        "songs-from-before-1975",
        ("https://nhacxua.example/", "Nhạc xưa", "Bìa tờ nhạc cũ, năm sáng tác và những câu chuyện sau bài hát.", "vi", "vi"),
        ("https://quanvang.example/", "Quán Vắng", "Một người nghe kể lại từng đĩa than trong tủ nhà mình, mỗi tuần một đĩa.", "vi", "vi"),
        ("https://saigonvinyl.example/", "Saigon Vinyl", "Labels, matrix numbers and photographs of records pressed in Saigon from 1950 to 1975.", "en", "en"),
        ("https://bolero.example/", "Bolero đêm khuya", "Lời, hợp âm và đôi dòng tâm sự về những bài bolero được yêu thích nhất.", "vi", "vi"),
        ("https://tienchien.example/", "Nhạc tiền chiến", "Từ những bản in đầu tiên đến các bản thu sau này, xếp theo nhạc sĩ.", "vi", "vi"),
    ),
    *in_category(
        "pop-ballads",
        ("https://nhactre.example/", "Nhạc trẻ mỗi tuần", "Mười bài mới mỗi thứ sáu, nghe thử và vài lời nhận xét thẳng thắn.", "vi", "vi"),
        ("https://vpop.example/guide", "V-pop for beginners", "Where to start, who is who, and how to sing along without speaking Vietnamese.", "en", "en"),
        ("https://tinhca.example/", "Tình ca", "Những bản tình ca được hát lại nhiều nhất, so từng bản thu.", "vi", "vi"),
        ("https://karaoke.example/viet", "Hát cùng nhau", "Nhạc nền do cộng đồng tự chơi, dùng tự do trong nhà và ở trường.", "vi", "both"),
        ("https://indie.example/saigon", "Saigon indie", "Bedroom pop, small labels and where they play; no charts, no rankings.", "en", "both"),
    ),
    *in_category(
        "rock-metal-punk",
        ("https://rockhanoi.example/", "Rock Hà Nội", "Lịch diễn, phỏng vấn và kho poster từ những năm chín mươi.", "vi", "vi"),
        ("https://buctuongfan.example/", "Những bức tường", "Người hâm mộ ghi lại set-list của từng buổi diễn, từ sân trường đến sân vận động.", "vi", "vi"),
        ("https://metalviet.example/", "Metal Việt", "Every demo tape that we could find, described by those who made it.", "en", "both"),
        ("https://punk.example/hem", "Punk hẻm nhỏ", "Zine điện tử về punk Sài Gòn: tự in, tự thu, tự diễn.", "vi", "vi"),
    ),
    *in_category(
        "hip-hop-electronic",
        ("https://rapviet.example/", "Rap Việt từ đầu", "Lịch sử rap tiếng Việt kể qua những bài được chuyền tay trên mạng.", "vi", "vi"),
        ("https://beats.example/mekong", "Mekong Beats", "Producers from the delta share stems and explain how they sample a đàn bầu.", "en", "both"),
        ("https://vinahouse.example/", "Vinahouse explained", "A patient essay, in chapters, about the loudest music in the country.", "en", "en"),
        ("https://synth.example/hn", "Hội synth Hà Nội", "Những buổi gặp hằng tháng, máy tự lắp và bản ghi các buổi jam.", "vi", "vi"),
        ("https://loifreestyle.example/", "Lời freestyle", "Vần, nhịp và cách luyện mỗi ngày; có bài tập cho người mới.", "vi", "vi"),
    ),
    *in_category(
        "instruments-makers",
        ("https://danbau.example/", "Đàn bầu", "How a single string sings: building, tuning and care of the monochord, with drawings.", "en", "both"),
        ("https://lò-đàn.example/", "Lò đàn Chiếc", "Một xưởng ba đời làm đàn tranh kể chuyện chọn gỗ, cẩn ốc và lên dây.", "vi", "vi"),
        ("https://saotruc.example/", "Sáo trúc", "Tự khoét sáo từ ống trúc: thước, dao, lỗ và cách chỉnh cao độ.", "vi", "vi"),
        ("https://guitarphim.example/", "Guitar phím lõm", "The scalloped guitar of cải lương: why, how, and where to have one made.", "en", "both"),
        ("https://kpa.example/dan-da", "Đàn đá", "Những bộ đàn đá đã tìm thấy, tiếng của từng thanh và nơi trưng bày.", "vi", "vi"),
    ),
    *in_category(
        "learning-to-sing-play",
        ("https://hocdan.example/", "Học đàn tranh tại nhà", "Bốn mươi bài có tiếng mẫu, từ cách đeo móng đến bản Lưu thủy trường.", "vi", "vi"),
        ("https://luyenthanh.example/", "Luyện thanh mỗi sáng", "Mười phút một ngày, giọng nam và giọng nữ, không cần nhạc cụ.", "vi", "vi"),
        ("https://guitarthung.example/", "Guitar thùng", "Hợp âm, điệu và những bài dễ đệm nhất cho buổi họp lớp.", "vi", "vi"),
        ("https://monochord.example/lessons", "Learn the monochord", "Lessons in English with slow videos, for people who cannot find a teacher nearby.", "en", "en"),
        ("https://kyam.example/", "Ký âm dễ hiểu", "Đọc nốt nhạc từ số không, bài tập chấm ngay trên trang.", "vi", "vi"),
    ),
    *in_category(
        "lyrics-chords-scores",
        ("https://hopam.example/", "Hợp âm của ta", "Lời và hợp âm do người chơi kiểm lại lẫn nhau, có ghi nguồn từng bài.", "vi", "vi"),
        ("https://loinhac.example/", "Lời nhạc", "Lời bài hát đúng chính tả, với năm sáng tác và tên người viết.", "vi", "vi"),
        ("https://scores.example/vn", "Free scores from Vietnam", "Engravings of songs whose authors allow it, ready to print.", "en", "both"),
        ("https://banhan.example/", "Bản nhạc chép tay", "Ảnh chụp những bản chép tay trong các gia đình nhạc sĩ, có chép lại cho dễ đọc.", "vi", "vi"),
    ),
    *in_category(
        "radio-podcasts",
        ("https://radio.example/xua", "Radio Ngày Xưa", "Phát lại các chương trình ca nhạc cũ, mỗi tối hai giờ, không quảng cáo.", "vi", "vi"),
        ("https://podcast.example/day-dan", "Dây đàn", "Podcast nói chuyện với người làm nhạc cụ, mỗi tập một tiếng đàn.", "vi", "vi"),
        ("https://diaspora.example/radio", "Diaspora Radio", "Volunteers in four cities play what their parents listened to, and what their children do.", "en", "both"),
        ("https://songvet.example/", "Sóng vết", "Mixes of field recordings from Vietnamese streets, with a map.", "en", "en"),
        ("https://nghecungcon.example/", "Nghe cùng con", "Mỗi tập mười phút để cha mẹ và con cùng nghe một bài dân ca.", "vi", "vi"),
    ),
    *in_category(
        "festivals-venues",
        ("https://festivalhue.example/nhac", "Mùa nhạc Huế", "Lịch các buổi diễn bên sông Hương, sân khấu nào có mái che, vé mua ở đâu.", "vi", "both"),
        ("https://phongtra.example/", "Phòng trà", "Những phòng trà còn sáng đèn ở Sài Gòn: ai hát, mấy giờ, đi đường nào.", "vi", "vi"),
        ("https://xehoi.example/jazz", "Jazz in Hanoi", "Three stages, one calendar, and who sits in tonight.", "en", "both"),
        ("https://hozo.example/", "Sân khấu bờ sông", "Lễ hội ngoài trời miễn phí mỗi tháng mười hai, danh sách ban nhạc các năm.", "vi", "both"),
    ),
    *in_category(
        "archives-research",
        ("https://tulieu.example/am-nhac", "Kho tư liệu âm nhạc", "Thư mục sách báo về âm nhạc Việt Nam, tìm được theo năm và theo tỉnh.", "vi", "vi"),
        ("https://fieldnotes.example/viet", "Field notes", "An ethnomusicologist's notebooks from the northern mountains, published with the singers' consent.", "en", "en"),
        ("https://78rpm.example/indochina", "78 rpm from Indochina", "A discography of shellac records from 1906 to 1954, with photographs of labels.", "en", "other"),
        ("https://baotang.example/nhac-cu", "Bảo tàng nhạc cụ", "Hai trăm nhạc cụ, chụp từ mọi phía, nghe được từng tiếng.", "vi", "both"),
        ("https://vietnamese-music.example/", "Vietnamese Music Bibliography", "Theses and articles in six languages, most of them free to read.", "en", "both"),
    ),
]  # fmt: skip

WAITING = [
    Website("learning-to-sing-play", "https://nhac-xua.example/?utm_source=forum", "Nhạc xưa học đàn", "Dạy đệm guitar cho các bài nhạc xưa, bài nào cũng có hợp âm và tiếng mẫu.", "vi", "vi"),
    Website("radio-podcasts", "http://nuabuoi.example/radio/", "Nửa buổi", "Chương trình phát thanh học sinh tự làm, mỗi trưa thứ bảy.", "vi", "vi"),
    Website("pop-ballads", "https://duets.example/", "Duets", "Two strangers sing a song together, one line each. The archive holds some thousand songs.", "en", "both"),
    Website("artists-bands", "https://trông-cơm.example/", "Trống Cơm", "Nhóm nhạc gia đình ở Bắc Ninh, biểu diễn ở đám cưới và trường học.", "vi", "vi"),
]  # fmt: skip

REJECTED = [
    Website("instruments-makers", "https://buypianos.example/sale", "Pianos on sale", "Pianos at a discount, this week only.", "en", "en"),
]  # fmt: skip
