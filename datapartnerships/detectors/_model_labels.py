"""What models call what they find, and what it is called here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from datapartnerships.errors import InvalidParameter

# In small letters, without what joins words. Kinds that are not here (``MONEY``, ``URL``, ``MISC``)
# are no personal data by themselves, and are left out.
_KINDS = {
    "PERSON": """
        per person persname prs person_name name full_name first_name last_name middle_name
        given_name surname givenname lastname firstname middlename patient doctor
    """,
    "LOCATION": "loc location gpe gpe_loc geogname placename place city state county country",
    "ORGANIZATION": "org organization organisation orgname gpe_org company",
    "EMAIL": "email email_address",
    "PHONE": "phone phone_number telephone telephone_number telephonenum mobile_number",
    "IP": "ip ip_address ipv4 ipv6",
    "PAYMENT_CARD": "credit_card credit_card_number creditcardnumber debit_card card_number",
    "IBAN": "iban iban_code",
    "BANK_ACCOUNT": "bank_account bank_account_number routing_number us_bank_number accountnum",
    "NATIONAL_ID": """
        government_id national_id ssn social_security_number social_security us_ssn us_itin
        idcardnum id_card socialnum national_identification_number identity_card_number
    """,
    "TAX_ID": "tax_id taxnum tax_number tax_identification_number",
    "PASSPORT": "passport passport_number us_passport",
    "DRIVING_LICENSE": """
        drivers_license driver_license driving_license drivers_license_number driverlicensenum
        us_driver_license
    """,
    "LICENSE_PLATE": "license_plate licence_plate vehicle_registration_number",
    "ADDRESS": "address street street_name street_address building_number secondary_address",
    "POSTAL_CODE": "zip zip_code zipcode postal_code postcode",
    "BIRTH_DATE": "date_of_birth birth_date dob dateofbirth",
    "DATE": "date date_time",
    "AGE": "age",
    "USERNAME": "username user_name login",
    "SECRET": "password api_key secret",
}
KNOWN = {kind: label for label, kinds in _KINDS.items() for kind in kinds.split()}
LABELS = tuple(_KINDS)


def label_of(kind: str, own: Mapping[str, str]) -> str | None:
    """The label of a model's kind: by the user's own table, else by `KNOWN`."""
    if kind in own:
        return own[kind]
    return KNOWN.get("_".join(kind.casefold().replace("-", " ").replace("_", " ").split()))


def pairs(owner: object, parameter: str, given: Any) -> tuple[tuple[str, str], ...]:
    """A table of kinds and their labels, as a value that can be compared and hashed."""
    try:
        found = sorted(dict(given).items())
    except (TypeError, ValueError):
        found = [("", "")]
    for kind, label in found:
        if not (isinstance(kind, str) and kind) or label not in LABELS:
            expected = f"{{kind of the model: label}}, labels being of {', '.join(LABELS)}"
            raise InvalidParameter(owner, parameter, expected, given)
    return tuple(found)
