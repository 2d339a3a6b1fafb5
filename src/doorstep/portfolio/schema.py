"""Every table and column of a book, written down once.

A book is a folder of Parquet files, one a table, for one business date. The same names serve as
the canonical layout of a lender's CSV, as Parquet columns and as database columns.
Money columns are integers of minor units in the loan's currency; rates are parts per million a
year (4.35 % = 43500); days are calendar days; instants are UTC with microseconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import pyarrow as pa


class Kind(StrEnum):
    """What a column holds."""

    TEXT = "text"
    CODE = "code"
    INTEGER = "integer"
    MONEY = "money"
    RATE = "rate"
    DEGREES = "degrees"
    DAY = "day"
    INSTANT = "instant"


ARROW_TYPES: dict[Kind, pa.DataType] = {
    Kind.TEXT: pa.string(),
    Kind.CODE: pa.string(),
    Kind.INTEGER: pa.int64(),
    Kind.MONEY: pa.int64(),
    Kind.RATE: pa.int64(),
    Kind.DEGREES: pa.float64(),
    Kind.DAY: pa.date32(),
    Kind.INSTANT: pa.timestamp("us", tz="UTC"),
}


@dataclass(frozen=True)
class Column:
    """One column. `codes` lists the words a CODE column may hold; `personal` marks what is masked.

    `default` fills a missing value of an optional column (None leaves it empty).
    """

    name: str
    kind: Kind
    en: str
    zh: str
    required: bool = False
    codes: tuple[str, ...] = ()
    default: str | int | None = None
    personal: bool = False


@dataclass(frozen=True)
class Table:
    """One table: its columns in order, the columns that identify a row, the table it hangs on."""

    name: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    parent: str | None = None

    def arrow(self) -> pa.Schema:
        """The Parquet schema; required columns are not nullable."""
        return pa.schema(
            [
                pa.field(c.name, ARROW_TYPES[c.kind], nullable=not c.required and c.default is None)
                for c in self.columns
            ]
        )

    def column(self, name: str) -> Column:
        """The column of that name; KeyError when there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"table {self.name} has no column {name}")


LANGUAGES = ("zh-Hans", "zh-Hant", "en")
OWNERS = ("borrower", "relative", "reference", "employer", "unknown")
STATES = ("unverified", "verified", "stale", "wrong", "third_party")
DATUMS = ("wgs84", "gcj02", "bd09")
PRODUCTS = ("credit_card", "consumer", "mortgage", "auto", "business", "other")
LOAN_STATUSES = ("active", "closed", "charged_off", "written_off")
CHANNELS = ("sms", "email", "letter", "call", "visit", "messenger", "push")
RESULTS = (
    "sent", "delivered", "failed", "no_answer", "reached", "right_party", "wrong_party", "refused",
)  # fmt: skip
PROTECTION_KINDS = (
    "dispute", "complaint", "hardship", "vulnerability", "deceased", "stop_request", "bankruptcy",
    "police_no_contact", "minor", "representative",
)  # fmt: skip

K = Kind


def _money(name: str, en: str, zh: str) -> Column:
    return Column(name, K.MONEY, en, zh, default=0)


BORROWERS = Table(
    "borrowers",
    ("borrower_id",),
    (
        Column("borrower_id", K.TEXT, "the lender's customer number", "客户号", required=True),
        Column("name", K.TEXT, "full name", "姓名", required=True, personal=True),
        Column("id_kind", K.CODE, "kind of identity document", "证件类型", codes=("cn_ric", "hk_id", "tw_id", "passport", "uscc", "other")),
        Column("id_number", K.TEXT, "identity number", "证件号码", personal=True),
        Column("sex", K.CODE, "sex (never used to decide)", "性别", codes=("f", "m")),
        Column("birth_date", K.DAY, "date of birth", "出生日期", personal=True),
        Column("language", K.CODE, "preferred language", "语言", codes=LANGUAGES, default="zh-Hans"),
        Column("time_zone", K.TEXT, "IANA time zone of residence", "时区", default="Asia/Shanghai"),
        Column("branch_code", K.TEXT, "branch that serves the borrower", "所属机构"),
        Column("employer_id", K.TEXT, "employer", "工作单位编号"),
    ),
)  # fmt: skip

CONTACT_POINTS = Table(
    "contact_points",
    ("borrower_id", "kind", "value", "owner"),
    (
        Column("borrower_id", K.TEXT, "customer number", "客户号", required=True),
        Column("kind", K.CODE, "kind", "联系方式类型", required=True, codes=("mobile", "landline", "email", "messenger")),
        Column("value", K.TEXT, "number in E.164, or address", "联系方式", required=True, personal=True),
        Column("owner", K.CODE, "whose it is", "归属", required=True, codes=OWNERS),
        Column("owner_name", K.TEXT, "name of the owner when not the borrower", "归属人姓名", personal=True),
        Column("state", K.CODE, "verification state", "核实状态", codes=STATES, default="unverified"),
        Column("verified_on", K.DAY, "day it was verified", "核实日期"),
        Column("verified_how", K.TEXT, "how it was verified", "核实方式"),
    ),
    parent="borrowers",
)  # fmt: skip

ADDRESSES = Table(
    "addresses",
    ("borrower_id", "kind", "text"),
    (
        Column("borrower_id", K.TEXT, "customer number", "客户号", required=True),
        Column("kind", K.CODE, "kind", "地址类型", required=True, codes=("home", "work", "registered", "mailing")),
        Column("text", K.TEXT, "address as written", "地址", required=True, personal=True),
        Column("division_code", K.TEXT, "code of the administrative division", "行政区划代码"),
        Column("latitude", K.DEGREES, "WGS-84 latitude", "纬度"),
        Column("longitude", K.DEGREES, "WGS-84 longitude", "经度"),
        Column("source_datum", K.CODE, "datum the lender gave", "坐标系", codes=DATUMS),
        Column("state", K.CODE, "verification state", "核实状态", codes=STATES, default="unverified"),
        Column("verified_on", K.DAY, "day it was verified", "核实日期"),
        Column("verified_how", K.TEXT, "how it was verified", "核实方式"),
    ),
    parent="borrowers",
)  # fmt: skip

EMPLOYERS = Table(
    "employers",
    ("employer_id",),
    (
        Column("employer_id", K.TEXT, "the lender's number of the employer", "单位编号", required=True),
        Column("name", K.TEXT, "name", "单位名称", required=True),
        Column("uscc", K.TEXT, "unified social credit code", "统一社会信用代码"),
        Column("division_code", K.TEXT, "code of the administrative division", "行政区划代码"),
    ),
)  # fmt: skip

LOANS = Table(
    "loans",
    ("loan_id",),
    (
        Column("loan_id", K.TEXT, "the lender's loan number", "借据号", required=True),
        Column("borrower_id", K.TEXT, "customer number", "客户号", required=True),
        Column("product", K.CODE, "product", "产品", required=True, codes=PRODUCTS),
        Column("contract_ref", K.TEXT, "number of the contract", "合同号"),
        Column("clause_contact", K.TEXT, "clause that allows contact about the debt", "联系条款"),
        Column("clause_visit", K.TEXT, "clause that allows visits", "上门条款"),
        Column("clause_penalty", K.TEXT, "clause that sets penalty interest", "罚息条款"),
        Column("currency", K.TEXT, "ISO 4217 code", "币种", required=True),
        Column("principal", K.MONEY, "amount lent or limit", "贷款本金或额度", required=True),
        Column("balance", K.MONEY, "principal still owed, due or not", "本金余额", required=True),
        Column("opened_on", K.DAY, "day of the contract", "放款日", required=True),
        Column("matures_on", K.DAY, "last due day", "到期日"),
        Column("annual_rate_ppm", K.RATE, "contract rate, parts per million a year", "合同年利率", required=True),
        Column("penalty_percent", K.INTEGER, "penalty rate as percent of the contract rate", "罚息倍数(百分比)"),
        Column("status", K.CODE, "status", "状态", codes=LOAN_STATUSES, default="active"),
        Column("branch_code", K.TEXT, "branch that lent", "放款机构"),
        Column("stated_dpd", K.INTEGER, "days past due as the lender counts", "行方逾期天数"),
        Column("stated_overdue", K.MONEY, "amount overdue as the lender counts", "行方逾期金额"),
    ),
    parent="borrowers",
)  # fmt: skip

INSTALMENTS = Table(
    "instalments",
    ("loan_id", "number"),
    (
        Column("loan_id", K.TEXT, "loan number", "借据号", required=True),
        Column("number", K.INTEGER, "1 is the first instalment", "期数", required=True),
        Column("due_on", K.DAY, "due day", "应还日", required=True),
        _money("principal_due", "principal due", "应还本金"),
        _money("interest_due", "interest due", "应还利息"),
        _money("fee_due", "fees due", "应还费用"),
        _money("penalty_due", "penalty interest charged so far", "已计罚息"),
        _money("principal_paid", "principal paid", "已还本金"),
        _money("interest_paid", "interest paid", "已还利息"),
        _money("fee_paid", "fees paid", "已还费用"),
        _money("penalty_paid", "penalty interest paid", "已还罚息"),
        _money("principal_waived", "principal waived", "减免本金"),
        _money("interest_waived", "interest waived", "减免利息"),
        _money("fee_waived", "fees waived", "减免费用"),
        _money("penalty_waived", "penalty interest waived", "减免罚息"),
        Column("penalty_from", K.DAY, "day up to which penalty interest is charged in penalty_due; empty: the due day", "罚息已计至"),
        Column("settled_on", K.DAY, "day it was paid in full", "结清日"),
    ),
    parent="loans",
)  # fmt: skip

PAYMENTS = Table(
    "payments",
    ("payment_id",),
    (
        Column("payment_id", K.TEXT, "the lender's payment number", "流水号", required=True),
        Column("loan_id", K.TEXT, "loan number", "借据号", required=True),
        Column("paid_on", K.DAY, "value day", "还款日", required=True),
        Column("amount", K.MONEY, "amount", "金额", required=True),
        Column("means", K.TEXT, "means of payment", "还款方式"),
        Column("reversed_on", K.DAY, "day it was reversed", "冲正日"),
    ),
    parent="loans",
)  # fmt: skip

CONTACTS = Table(
    "contacts",
    ("contact_id",),
    (
        Column("contact_id", K.TEXT, "number of the contact", "触达编号", required=True),
        Column("borrower_id", K.TEXT, "customer number", "客户号", required=True),
        Column("at", K.INSTANT, "when", "时间", required=True),
        Column("channel", K.CODE, "channel", "渠道", required=True, codes=CHANNELS),
        Column("direction", K.CODE, "who began it", "方向", codes=("out", "in"), default="out"),
        Column("result", K.CODE, "result", "结果", required=True, codes=RESULTS),
        Column("actor", K.TEXT, "who acted", "经办人"),
    ),
    parent="borrowers",
)  # fmt: skip

PROTECTIONS = Table(
    "protections",
    ("borrower_id", "kind", "starts_on"),
    (
        Column("borrower_id", K.TEXT, "customer number", "客户号", required=True),
        Column("kind", K.CODE, "kind", "类型", required=True, codes=PROTECTION_KINDS),
        Column("starts_on", K.DAY, "first day", "开始日", required=True),
        Column("ends_on", K.DAY, "last day; empty: until ended", "结束日"),
        Column("loan_id", K.TEXT, "the loan it concerns; empty: all", "借据号"),
        Column("note", K.TEXT, "note", "备注", personal=True),
    ),
    parent="borrowers",
)  # fmt: skip

PROMISES = Table(
    "promises",
    ("promise_id",),
    (
        Column("promise_id", K.TEXT, "number of the promise", "承诺编号", required=True),
        Column("borrower_id", K.TEXT, "customer number", "客户号", required=True),
        Column("loan_id", K.TEXT, "the loan it concerns; empty: all", "借据号"),
        Column("kind", K.CODE, "promise to pay, or instalment of a signed agreement", "类型", codes=("promise", "agreement"), default="promise"),
        Column("made_on", K.DAY, "day it was made", "承诺日", required=True),
        Column("due_on", K.DAY, "day it falls due", "承诺还款日", required=True),
        Column("amount", K.MONEY, "amount promised", "承诺金额", required=True),
        _money("paid_amount", "amount paid towards it", "已还金额"),
        Column("grace_days", K.INTEGER, "days of grace", "宽限天数", default=0),
        Column("state", K.CODE, "state", "状态", codes=("running", "kept", "broken", "cancelled"), default="running"),
    ),
    parent="borrowers",
)  # fmt: skip

FLAGS = Table(
    "flags",
    ("borrower_id", "kind"),
    (
        Column("borrower_id", K.TEXT, "customer number", "客户号", required=True),
        Column("kind", K.TEXT, "what an outside source says", "外部标记", required=True),
        Column("value", K.TEXT, "its value", "取值"),
        Column("source", K.TEXT, "who says so", "来源"),
        Column("as_of", K.DAY, "as of which day", "截至日"),
    ),
    parent="borrowers",
)  # fmt: skip

TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        EMPLOYERS, BORROWERS, CONTACT_POINTS, ADDRESSES, LOANS, INSTALMENTS, PAYMENTS, CONTACTS,
        PROTECTIONS, PROMISES, FLAGS,
    )
}  # fmt: skip
