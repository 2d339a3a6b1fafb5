"""Signatures on PDF documents (PAdES): the key and certificate that sign, signing, and checking.

Both lie in one PEM file that only the program may read, apart from the database: the private key,
its certificate, and those that vouch for it. A lender's own certificate can be put there as it is.
"""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfReadError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import signers
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.general import SigningError
from pyhanko_certvalidator.registry import SimpleCertificateStore

from doorstep.kernel.errors import DoorstepError, InputError, Where

FIELD = "Seal"
YEARS = 5


@dataclass(frozen=True)
class Seal:
    """A key that signs documents, and the certificates that say whose it is, its own first."""

    key: bytes = field(repr=False)
    certificates: tuple[bytes, ...] = field(repr=False)

    @property
    def name(self) -> str:
        """The common name on the certificate."""
        certificate = x509.load_der_x509_certificate(self.certificates[0])
        names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        return str(names[0].value) if names else ""


def seal_read(path: Path) -> Seal:
    """The seal in a PEM file. Raises InputError that names the file, never what is in it."""
    try:
        raw = path.read_bytes()
        key = serialization.load_pem_private_key(raw, password=None)
        certificates = x509.load_pem_x509_certificates(raw)
    except FileNotFoundError:
        raise _unusable(path, "There is no such file.") from None
    except (OSError, ValueError, TypeError):
        raise _unusable(path, "It holds no key and certificate in PEM form.") from None
    if not isinstance(key, (ec.EllipticCurvePrivateKey, rsa.RSAPrivateKey)):
        raise _unusable(path, "The key is neither RSA nor of an elliptic curve.")
    if key.public_key() != certificates[0].public_key():
        raise _unusable(path, "The first certificate is not the key's.")
    form = serialization.Encoding.DER
    return Seal(
        key=key.private_bytes(
            form, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ),
        certificates=tuple(each.public_bytes(form) for each in certificates),
    )


def seal_make(path: Path, *, name: str, at: datetime) -> bool:
    """Write a fresh key with a certificate it signed itself, for this account alone; whether it was
    written: a file that is there stays. It proves that a document was not changed; that it is the
    lender's is proved only by a certificate others vouch for."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - timedelta(days=1))
        .not_valid_after(at + timedelta(days=365 * YEARS))
        .add_extension(_usage(), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = serialization.PrivateFormat.PKCS8
    written = key.private_bytes(pem, private, serialization.NoEncryption())
    return _write(path, written + certificate.public_bytes(pem))


def _usage() -> x509.KeyUsage:
    """To sign documents with, and for nothing else."""
    names = (
        "key_encipherment", "data_encipherment", "key_agreement", "key_cert_sign", "crl_sign",
        "encipher_only", "decipher_only",
    )  # fmt: skip
    return x509.KeyUsage(
        digital_signature=True, content_commitment=True, **dict.fromkeys(names, False)
    )


def _write(path: Path, content: bytes) -> bool:
    """The whole file or none, never over one that is there."""
    number, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")  # mode 0600
    beside = Path(name)
    try:
        with os.fdopen(number, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        path.hardlink_to(beside)
    except FileExistsError:
        return False
    finally:
        beside.unlink(missing_ok=True)
    return True


class _SignerAt(signers.PdfSigner):
    """Signs as of a moment that is handed in; the library would look at the clock itself."""

    def __init__(self, *args: Any, at: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.at = at

    def init_signing_session(self, *args: Any, **kwargs: Any) -> Any:
        """The session, set to that moment."""
        session = super().init_signing_session(*args, **kwargs)
        session.system_time = self.at
        return session


def pdf_sign(*, pdf: bytes, seal: Seal, reason: str, at: datetime) -> bytes:
    """The document with an invisible PAdES signature over all of it; `at` is the signing time.

    Raises DoorstepError SIGNING_FAILED, and then nothing is issued.
    """
    store = SimpleCertificateStore()  # type: ignore[no-untyped-call]
    chain = [asn1_x509.Certificate.load(each) for each in seal.certificates]
    store.register_multiple(chain)
    signer = signers.SimpleSigner(
        signing_cert=chain[0],
        signing_key=asn1_keys.PrivateKeyInfo.load(seal.key),
        cert_registry=store,
    )
    meta = signers.PdfSignatureMetadata(
        field_name=FIELD,
        reason=reason,
        name=seal.name,
        md_algorithm="sha256",
        subfilter=SigSeedSubFilter.PADES,
    )
    try:
        writer = IncrementalPdfFileWriter(BytesIO(pdf))
        signed = _SignerAt(meta, signer, at=at).sign_pdf(writer)
    except (SigningError, PdfReadError) as error:
        raise DoorstepError(
            f"The document could not be signed: {error}.",
            code="SIGNING_FAILED",
            hint="Look at the file DOORSTEP_SEAL names; nothing was issued.",
        ) from error
    return bytes(signed.getvalue())


def pdf_intact(*, pdf: bytes, seal: Seal) -> bool:
    """Whether the document is signed by this seal, covers the whole file, and was not changed."""
    try:
        signatures = PdfFileReader(BytesIO(pdf)).embedded_signatures
        if len(signatures) != 1:
            return False
        signature = signatures[0]
        signature.compute_integrity_info()
        status = _status(signature)
    except (PdfReadError, SigningError, ValueError, KeyError, InvalidSignature):
        return False
    same = signature.signer_cert.dump() == seal.certificates[0]
    return bool(same and status.intact and status.valid and _covers_all(signature))


def _status(signature: Any) -> Any:
    from pyhanko.sign.validation import validate_pdf_signature
    from pyhanko_certvalidator import ValidationContext

    context = ValidationContext(trust_roots=[signature.signer_cert], allow_fetching=False)
    return validate_pdf_signature(signature, signer_validation_context=context)


def _covers_all(signature: Any) -> bool:
    from pyhanko.sign.validation.status import SignatureCoverageLevel

    return bool(signature.coverage == SignatureCoverageLevel.ENTIRE_FILE)


def _unusable(path: Path, why: str) -> InputError:
    return InputError(
        f"The seal for documents cannot be read. {why}",
        code="BAD_SEAL",
        hint="Put the private key and its certificates in one PEM file, and name it in "
        "DOORSTEP_SEAL (docs/howto/workforce.md).",
        where=Where(file=str(path)),
    )
