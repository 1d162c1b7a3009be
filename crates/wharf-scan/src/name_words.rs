//! How the names of secrets are written, in the languages in which people write about services.
//!
//! A language gives a secret one or two names, and the sign behind a name is the same everywhere, so
//! a word in this list is all that a language needs. Words of a language that joins its nouns stand
//! here with the endings that they have before "is" (`lösenordet är`).

use super::names::Name::{self, Bearer, Key, Login, Password, Phrase, Secret};

/// How names are written, in any case; without accents too, as in the names of variables.
const WORDS: &[(&str, Name)] = &[
    ("key", Key),
    ("secret", Secret),
    ("token", Secret),
    ("credential", Secret),
    ("bearer", Bearer),
    // A personal access token.
    ("pat", Secret),
    ("password", Password),
    ("passphrase", Password),
    ("passcode", Password),
    ("passwd", Password),
    ("pwd", Password),
    ("pass", Password),
    ("pw", Password),
    // The configuration of Redis has no signs.
    ("requirepass", Password),
    // Words of a list.
    ("mnemonic", Phrase),
    ("recovery phrase", Phrase),
    ("recovery words", Phrase),
    ("seed phrase", Phrase),
    ("seed words", Phrase),
    ("seed_phrase", Phrase),
    ("seedphrase", Phrase),
    ("recovery_phrase", Phrase),
    ("backup phrase", Phrase),
    ("wiederherstellungsphrase", Phrase),
    ("frase semilla", Phrase),
    ("frase de recuperación", Phrase),
    ("phrase de récupération", Phrase),
    ("frase de recuperação", Phrase),
    ("frase di recupero", Phrase),
    // What people choose, and devices call otherwise.
    ("enable secret", Password),
    ("shared secret", Password),
    ("pre-shared key", Password),
    ("preshared key", Password),
    ("pre-shared-key", Password),
    ("wpa key", Password),
    ("psk", Password),
    ("snmp community", Password),
    ("community string", Password),
    // Composer's `auth.json`.
    ("github-oauth", Secret),
    ("gitlab-oauth", Secret),
    // The schemes of Okta's and Opsgenie's headers.
    ("ssws", Bearer),
    ("geniekey", Bearer),
    // SQL: `CREATE USER u IDENTIFIED BY '…'`.
    ("identified by", Password),
    // German.
    ("passwort", Password),
    ("passwörter", Password),
    ("kennwort", Password),
    ("zugangscode", Password),
    ("schlüssel", Key),
    ("schluessel", Key),
    ("geheimnis", Secret),
    // Dutch.
    ("wachtwoord", Password),
    ("wachtwoordzin", Password),
    ("sleutel", Key),
    // Swedish, Danish, Norwegian, Icelandic.
    ("lösenord", Password),
    ("lösenordet", Password),
    ("losenord", Password),
    ("lösenfras", Password),
    ("adgangskode", Password),
    ("adgangskoden", Password),
    ("kodeord", Password),
    ("kodeordet", Password),
    ("passord", Password),
    ("passordet", Password),
    ("lykilorð", Password),
    ("lykilorðið", Password),
    ("nyckel", Key),
    ("nyckeln", Key),
    ("nøgle", Key),
    ("nøglen", Key),
    ("nøkkel", Key),
    ("nøkkelen", Key),
    ("hemlighet", Secret),
    ("hemligheten", Secret),
    ("hemmelighed", Secret),
    ("hemmeligheden", Secret),
    ("hemmelighet", Secret),
    ("hemmeligheten", Secret),
    ("tokenet", Secret),
    // Finnish, Estonian, Latvian, Lithuanian, Hungarian.
    ("salasana", Password),
    ("salasõna", Password),
    ("parool", Password),
    ("slaptažodis", Password),
    ("slaptazodis", Password),
    ("jelszó", Password),
    ("jelszo", Password),
    ("avain", Key),
    ("salaisuus", Secret),
    ("kulcs", Key),
    // French.
    ("mot de passe", Password),
    ("mot_de_passe", Password),
    ("mot-de-passe", Password),
    ("motdepasse", Password),
    ("mdp", Password),
    ("phrase secrète", Password),
    ("phrase de passe", Password),
    ("phrase_secrete", Password),
    ("clé", Key),
    ("cle", Key),
    ("jeton", Secret),
    // Spanish, Catalan, Portuguese.
    ("contraseña", Password),
    ("contrasena", Password),
    ("contrasenya", Password),
    ("clave", Password),
    ("frase de paso", Password),
    ("frase de contraseña", Password),
    ("frase secreta", Password),
    ("frase segreta", Password),
    ("frase-senha", Password),
    ("frase-passe", Password),
    ("senha", Password),
    ("palavra-passe", Password),
    ("palavra passe", Password),
    ("palavra_passe", Password),
    ("chave", Key),
    ("secreto", Secret),
    ("segredo", Secret),
    // Italian, Romanian.
    ("parola d'ordine", Password),
    ("parolă", Password),
    ("parola", Password),
    ("chiave", Key),
    ("segreto", Secret),
    ("cheie", Key),
    ("cheia", Key),
    // Polish, Czech, Slovak, Slovenian, Croatian.
    ("hasło", Password),
    ("haslo", Password),
    ("heslo", Password),
    ("geslo", Password),
    ("lozinka", Password),
    ("zaporka", Password),
    ("klucz", Key),
    ("klíč", Key),
    ("klic", Key),
    ("kľúč", Key),
    ("ključ", Key),
    ("tajemství", Secret),
    ("tajemstvi", Secret),
    ("sekret", Secret),
    // Russian, Ukrainian, Bulgarian, Serbian, Greek.
    ("пароль", Password),
    ("парола", Password),
    ("лозинка", Password),
    ("ключ", Key),
    ("секрет", Secret),
    ("токен", Secret),
    ("κωδικός", Password),
    ("κωδικός πρόσβασης", Password),
    ("κλειδί", Key),
    // Turkish, Indonesian, Vietnamese.
    ("şifre", Password),
    ("sifre", Password),
    ("şifresi", Password),
    ("parolası", Password),
    ("anahtar", Key),
    ("anahtarı", Key),
    ("anahtari", Key),
    ("sırrı", Secret),
    ("kata sandi", Password),
    ("kata_sandi", Password),
    ("mật khẩu", Password),
    ("mat_khau", Password),
    ("kunci", Key),
    ("khóa", Key),
    // Arabic, Hebrew, Hindi, Thai.
    ("كلمة المرور", Password),
    ("كلمة السر", Password),
    ("סיסמה", Password),
    ("סיסמא", Password),
    ("पासवर्ड", Password),
    ("รหัสผ่าน", Password),
    // Chinese, in both kinds of signs.
    ("密码", Password),
    ("密碼", Password),
    ("口令", Password),
    ("密钥", Secret),
    ("密鑰", Secret),
    ("秘钥", Secret),
    ("金鑰", Secret),
    ("私钥", Secret),
    ("私鑰", Secret),
    ("令牌", Secret),
    ("权杖", Secret),
    ("權杖", Secret),
    // Japanese.
    ("パスワード", Password),
    ("パスフレーズ", Password),
    ("暗証番号", Password),
    ("キー", Key),
    ("秘密鍵", Secret),
    ("トークン", Secret),
    ("シークレット", Secret),
    // Korean.
    ("비밀번호", Password),
    ("패스워드", Password),
    ("암호", Password),
    ("api 키", Secret),
    ("api키", Secret),
    ("비밀 키", Secret),
    ("비밀키", Secret),
    ("액세스 키", Secret),
    ("시크릿", Secret),
    ("토큰", Secret),
    // Who logs in, before a password: `Login: name / password`.
    ("login", Login),
    ("creds", Login),
    ("username", Login),
    ("user", Login),
    ("zugang", Login),
    ("zugangsdaten", Login),
    ("identifiants", Login),
    ("credenciales", Login),
    ("credenciais", Login),
    ("credenziali", Login),
    ("inloggegevens", Login),
    ("accès", Login),
    ("acceso", Login),
    ("acesso", Login),
    ("accesso", Login),
    ("логин", Login),
    ("账号", Login),
    ("帳號", Login),
];

/// Names that are words, or parts of words, of sentences too: they stand alone and need a sign, or
/// "is", before the value.
const SHORT: [&str; 12] = [
    "pass", "pat", "pw", "pwd", "login", "creds", "username", "user", "accès", "acceso", "acesso",
    "accesso",
];
/// Names that other languages, or names of code, have inside of longer words: they stand alone.
const APART: [&str; 25] = [
    "psk", "ssws", "geniekey", "mdp", "cle", "clave", "parola", "heslo", "geslo", "haslo", "sifre",
    "senha", "klic", "secreto", "segredo", "segreto", "sekret", "kunci", "avain", "kulcs",
    "zugang", "cheia", "cheie", "parool", "sleutel",
];

/// Every way in which a name is written. The automaton folds the case of ASCII only.
pub(super) fn all() -> impl Iterator<Item = (String, Name)> {
    WORDS.iter().flat_map(|(word, name)| {
        let mut ways = vec![(*word).to_owned()];
        if !word.is_ascii() {
            let mut signs = word.chars();
            let first = signs.next().into_iter().flat_map(char::to_uppercase);
            ways.push(first.chain(signs).collect());
            ways.push(word.to_uppercase());
        }
        ways.dedup();
        ways.into_iter().map(|way| (way, *name))
    })
}

/// Whether a name needs a sign before its value.
pub(super) fn is_short(word: &str) -> bool {
    SHORT.iter().any(|short| word.eq_ignore_ascii_case(short))
}

/// Whether a name is none inside of a longer word.
pub(super) fn is_apart(word: &str) -> bool {
    is_short(word) || APART.iter().any(|apart| word.eq_ignore_ascii_case(apart))
}

/// The name that is the whole of a word.
pub(super) fn named(word: &str) -> Option<Name> {
    let known = WORDS
        .iter()
        .find(|(known, _)| known.eq_ignore_ascii_case(word));
    known.map(|(_, name)| *name)
}

#[cfg(test)]
mod tests;
