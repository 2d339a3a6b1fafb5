"""The layout's column names in traditional characters, as used in Taiwan and Hong Kong."""

from __future__ import annotations

PHRASES = {
    "联系": "聯絡",
    "合同": "合約",
    "备注": "備註",
    "信用代码": "信用代碼",
    "行政区划代码": "行政區劃代碼",
}
CHARACTERS = str.maketrans(
    "单编号称统会区划码户证类别期语时属构归态纬经标据产条罚币种贷额状还应计费减结"
    "办宽触数渠达间发开备诺记来现实给资关张执冲余款权门机联过务总",
    "單編號稱統會區劃碼戶證類別期語時屬構歸態緯經標據產條罰幣種貸額狀還應計費減結"
    "辦寬觸數渠達間發開備諾記來現實給資關張執沖餘款權門機聯過務總",
)


def traditional(words: str) -> str:
    """A column's Chinese name in traditional characters."""
    for simplified, term in PHRASES.items():
        words = words.replace(simplified, term)
    return words.translate(CHARACTERS)
