//! ISO 4217 currencies and their minor units.

use core::fmt;

use serde::{Deserialize, Serialize};

use super::MoneyError;

/// A currency in which money is kept, by its ISO 4217 code.
///
/// Only active national currencies are known: funds codes, precious metals, test codes and withdrawn
/// currencies are refused by name.
///
/// ```
/// use sortie::money::Currency;
/// assert_eq!(Currency::from_code("USD")?.decimals(), 2);
/// assert_eq!(Currency::from_code("JPY")?.decimals(), 0);
/// assert!(Currency::from_code("DEM").unwrap_err().to_string().contains("withdrawn"));
/// # Ok::<(), sortie::money::MoneyError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Currency {
    code: [u8; 3],
    decimals: u8,
}

impl Currency {
    /// The United States dollar, for examples and tests.
    pub const USD: Self = Self {
        code: *b"USD",
        decimals: 2,
    };

    /// The currency of a code of three capital letters.
    ///
    /// # Errors
    /// [`MoneyError::CurrencyWithdrawn`] or [`MoneyError::CurrencyUnknown`]. `O(log n)` in the table.
    pub fn from_code(code: &str) -> Result<Self, MoneyError> {
        let unknown = || MoneyError::CurrencyUnknown {
            code: code.chars().take(8).collect(),
        };
        let bytes: [u8; 3] = code.as_bytes().try_into().map_err(|_| unknown())?;
        if let Ok(place) = ACTIVE.binary_search_by_key(&bytes, |row| row.0) {
            return ACTIVE
                .get(place)
                .map(|&(code, decimals)| Self { code, decimals })
                .ok_or_else(unknown);
        }
        if WITHDRAWN.contains(&bytes) {
            return Err(MoneyError::CurrencyWithdrawn {
                code: code.to_owned(),
            });
        }
        Err(unknown())
    }

    /// The three letters.
    #[must_use]
    pub fn code(&self) -> &str {
        // Built from ASCII literals only, so the fallback is never taken.
        core::str::from_utf8(&self.code).unwrap_or("???")
    }

    /// Decimal places of the currency: a minor unit is 10^−decimals.
    #[must_use]
    pub const fn decimals(self) -> u32 {
        match self.decimals {
            0 => 0,
            2 => 2,
            _ => 3,
        }
    }

    /// Minor units in one unit: 1, 100 or 1000.
    #[must_use]
    pub const fn minor_per_unit(self) -> i64 {
        match self.decimals {
            0 => 1,
            2 => 100,
            _ => 1000,
        }
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl TryFrom<String> for Currency {
    type Error = MoneyError;

    fn try_from(code: String) -> Result<Self, MoneyError> {
        Self::from_code(&code)
    }
}

impl From<Currency> for String {
    fn from(currency: Currency) -> Self {
        currency.code().to_owned()
    }
}

/// Active currencies of ISO 4217 (list one, as of January 2026) and their decimals, by code.
const ACTIVE: &[([u8; 3], u8)] = &[
    (*b"AED", 2),
    (*b"AFN", 2),
    (*b"ALL", 2),
    (*b"AMD", 2),
    (*b"AOA", 2),
    (*b"ARS", 2),
    (*b"AUD", 2),
    (*b"AWG", 2),
    (*b"AZN", 2),
    (*b"BAM", 2),
    (*b"BBD", 2),
    (*b"BDT", 2),
    (*b"BHD", 3),
    (*b"BIF", 0),
    (*b"BMD", 2),
    (*b"BND", 2),
    (*b"BOB", 2),
    (*b"BRL", 2),
    (*b"BSD", 2),
    (*b"BTN", 2),
    (*b"BWP", 2),
    (*b"BYN", 2),
    (*b"BZD", 2),
    (*b"CAD", 2),
    (*b"CDF", 2),
    (*b"CHF", 2),
    (*b"CLP", 0),
    (*b"CNY", 2),
    (*b"COP", 2),
    (*b"CRC", 2),
    (*b"CUP", 2),
    (*b"CVE", 2),
    (*b"CZK", 2),
    (*b"DJF", 0),
    (*b"DKK", 2),
    (*b"DOP", 2),
    (*b"DZD", 2),
    (*b"EGP", 2),
    (*b"ERN", 2),
    (*b"ETB", 2),
    (*b"EUR", 2),
    (*b"FJD", 2),
    (*b"FKP", 2),
    (*b"GBP", 2),
    (*b"GEL", 2),
    (*b"GHS", 2),
    (*b"GIP", 2),
    (*b"GMD", 2),
    (*b"GNF", 0),
    (*b"GTQ", 2),
    (*b"GYD", 2),
    (*b"HKD", 2),
    (*b"HNL", 2),
    (*b"HTG", 2),
    (*b"HUF", 2),
    (*b"IDR", 2),
    (*b"ILS", 2),
    (*b"INR", 2),
    (*b"IQD", 3),
    (*b"IRR", 2),
    (*b"ISK", 0),
    (*b"JMD", 2),
    (*b"JOD", 3),
    (*b"JPY", 0),
    (*b"KES", 2),
    (*b"KGS", 2),
    (*b"KHR", 2),
    (*b"KMF", 0),
    (*b"KPW", 2),
    (*b"KRW", 0),
    (*b"KWD", 3),
    (*b"KYD", 2),
    (*b"KZT", 2),
    (*b"LAK", 2),
    (*b"LBP", 2),
    (*b"LKR", 2),
    (*b"LRD", 2),
    (*b"LSL", 2),
    (*b"LYD", 3),
    (*b"MAD", 2),
    (*b"MDL", 2),
    (*b"MGA", 2),
    (*b"MKD", 2),
    (*b"MMK", 2),
    (*b"MNT", 2),
    (*b"MOP", 2),
    (*b"MRU", 2),
    (*b"MUR", 2),
    (*b"MVR", 2),
    (*b"MWK", 2),
    (*b"MXN", 2),
    (*b"MYR", 2),
    (*b"MZN", 2),
    (*b"NAD", 2),
    (*b"NGN", 2),
    (*b"NIO", 2),
    (*b"NOK", 2),
    (*b"NPR", 2),
    (*b"NZD", 2),
    (*b"OMR", 3),
    (*b"PAB", 2),
    (*b"PEN", 2),
    (*b"PGK", 2),
    (*b"PHP", 2),
    (*b"PKR", 2),
    (*b"PLN", 2),
    (*b"PYG", 0),
    (*b"QAR", 2),
    (*b"RON", 2),
    (*b"RSD", 2),
    (*b"RUB", 2),
    (*b"RWF", 0),
    (*b"SAR", 2),
    (*b"SBD", 2),
    (*b"SCR", 2),
    (*b"SDG", 2),
    (*b"SEK", 2),
    (*b"SGD", 2),
    (*b"SHP", 2),
    (*b"SLE", 2),
    (*b"SOS", 2),
    (*b"SRD", 2),
    (*b"SSP", 2),
    (*b"STN", 2),
    (*b"SVC", 2),
    (*b"SYP", 2),
    (*b"SZL", 2),
    (*b"THB", 2),
    (*b"TJS", 2),
    (*b"TMT", 2),
    (*b"TND", 3),
    (*b"TOP", 2),
    (*b"TRY", 2),
    (*b"TTD", 2),
    (*b"TWD", 2),
    (*b"TZS", 2),
    (*b"UAH", 2),
    (*b"UGX", 0),
    (*b"USD", 2),
    (*b"UYU", 2),
    (*b"UZS", 2),
    (*b"VED", 2),
    (*b"VES", 2),
    (*b"VND", 0),
    (*b"VUV", 0),
    (*b"WST", 2),
    (*b"XAF", 0),
    (*b"XCD", 2),
    (*b"XCG", 2),
    (*b"XOF", 0),
    (*b"XPF", 0),
    (*b"YER", 2),
    (*b"ZAR", 2),
    (*b"ZMW", 2),
    (*b"ZWG", 2),
];

/// Currencies that users may still have in old records.
const WITHDRAWN: &[[u8; 3]] = &[
    *b"ADP", *b"AFA", *b"ANG", *b"AON", *b"AOR", *b"ARA", *b"ATS", *b"AZM", *b"BEF", *b"BGL",
    *b"BGN", *b"BRC", *b"BRE", *b"BRR", *b"BYB", *b"BYR", *b"CSD", *b"CSK", *b"CUC", *b"CYP",
    *b"DEM", *b"ECS", *b"EEK", *b"ESP", *b"FIM", *b"FRF", *b"GEK", *b"GHC", *b"GRD", *b"GWP",
    *b"HRD", *b"HRK", *b"IEP", *b"ITL", *b"LTL", *b"LTT", *b"LUF", *b"LVL", *b"LVR", *b"MGF",
    *b"MRO", *b"MTL", *b"MXP", *b"MZM", *b"NIC", *b"NLG", *b"PEI", *b"PLZ", *b"PTE", *b"ROL",
    *b"RUR", *b"SDD", *b"SIT", *b"SKK", *b"SLL", *b"SRG", *b"STD", *b"TJR", *b"TMM", *b"TPE",
    *b"TRL", *b"UAK", *b"UGS", *b"VEB", *b"VEF", *b"XEU", *b"YUD", *b"YUM", *b"ZMK", *b"ZRN",
    *b"ZRZ", *b"ZWD", *b"ZWL",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_has_no_repeats() {
        assert!(ACTIVE.windows(2).all(|pair| pair[0].0 < pair[1].0));
        assert!(
            WITHDRAWN
                .iter()
                .all(|code| ACTIVE.iter().all(|row| row.0 != *code))
        );
    }

    /// The currencies that published tables got wrong, against ISO 4217.
    #[test]
    fn minor_units_are_those_of_iso_4217() {
        let none = [
            "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND",
        ];
        let three = ["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"];
        for code in none {
            assert_eq!(Currency::from_code(code).unwrap().decimals(), 0, "{code}");
        }
        for code in three {
            assert_eq!(Currency::from_code(code).unwrap().decimals(), 3, "{code}");
        }
        for code in [
            "USD", "EUR", "GBP", "CHF", "HUF", "TWD", "IDR", "MGA", "MRU", "COP",
        ] {
            assert_eq!(Currency::from_code(code).unwrap().decimals(), 2, "{code}");
        }
        let others = ACTIVE.iter().filter(|row| row.1 != 2).count();
        assert_eq!(others, 16 + 7);
    }

    #[test]
    fn every_currency_is_told_and_read_as_itself() {
        for (code, decimals) in ACTIVE {
            let currency = Currency::from_code(core::str::from_utf8(code).unwrap()).unwrap();
            assert_eq!(currency.code().as_bytes(), code);
            assert_eq!(currency.decimals(), u32::from(*decimals));
            assert_eq!(currency.minor_per_unit(), 10_i64.pow(currency.decimals()));
            let json = serde_json::to_string(&currency).unwrap();
            assert_eq!(json, format!("\"{currency}\""));
            assert_eq!(serde_json::from_str::<Currency>(&json).unwrap(), currency);
        }
    }

    #[test]
    fn what_is_no_currency_is_refused_by_name() {
        for bad in ["", "usd", "US", "USDX", "XAU", "XXX", "ÄÖ", "\u{20ac}"] {
            assert!(
                matches!(
                    Currency::from_code(bad),
                    Err(MoneyError::CurrencyUnknown { .. })
                ),
                "{bad}"
            );
        }
        assert!(matches!(
            Currency::from_code("HRK"),
            Err(MoneyError::CurrencyWithdrawn { .. })
        ));
    }
}
