"""Texts for the styleguide, as long as forms take them."""

LONG_NAME = "Công Tằng Tôn Nữ Nguyễn Phước Huyền Trân Thị Ngọc Khánh Vân Anh"[:60]
WITHOUT_SPACES = "Đồng_bằng_sông_Cửu_Long_" * 6
