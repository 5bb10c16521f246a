"""Vietnamese date and number formats; Django's own read badly within a sentence."""

DATE_FORMAT = r"\n\gà\y j/n/Y"
DATETIME_FORMAT = r"H:i \n\gà\y j/n/Y"
YEAR_MONTH_FORMAT = r"\t\há\n\g n/Y"
MONTH_DAY_FORMAT = r"\n\gà\y j/n"
SHORT_DATE_FORMAT = "j/n/Y"
SHORT_DATETIME_FORMAT = "H:i j/n/Y"
# Django would read 3/12/2026 as the twelfth of March.
DATE_INPUT_FORMATS = ["%d/%m/%Y", "%Y-%m-%d"]
DATETIME_INPUT_FORMATS = ["%H:%M %d/%m/%Y", "%d/%m/%Y %H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M"]
FIRST_DAY_OF_WEEK = 1
NUMBER_GROUPING = 3
