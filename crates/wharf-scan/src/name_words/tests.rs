//! Names of secrets in many languages.

use super::super::Kind;
use super::super::samples::{BASE62, HEX, drawn, found, is_not_found};
use super::{APART, SHORT, WORDS};

const VALUE: &str = "Kestrel4!dune";

#[test]
fn passwords_are_found_in_every_language() {
    for line in [
        "Lösenord: @",
        "Lösenordet till panelen är `@`",
        "LÖSENORD: @",
        "Hasło do panelu: `@`",
        "Heslo k FTP: @",
        "Kullanıcı: admin, parola: @",
        "mdp : @",
        "mot_de_passe: @",
        "Le mot de passe est @",
        "La contraseña es @",
        "Clave: @",
        "Senha do painel: @",
        "パスワード：`@`",
        "パスワードは`@`です",
        "密码：@",
        "密码是 @",
        "비밀번호: @",
        "비밀번호는 `@` 입니다",
        "Пароль от панели: @",
        "ПАРОЛЬ: @",
        "Kodeord: @",
        "Passord: @",
        "Salasana: @",
        "Jelszó: @",
        "Şifre: @",
        "Κωδικός: @",
        "Mật khẩu: @",
        "Kata sandi: @",
        "סיסמה: @",
        "كلمة المرور: @",
        "The password is “@”.",
        "pw is @ until Friday",
    ] {
        let text = line.replace('@', VALUE);
        assert_eq!(found(&text), [(Kind::Password, VALUE)], "{text}");
    }
}

#[test]
fn keys_are_found_in_every_language() {
    let value = drawn(HEX, 32);
    for line in [
        "API klíč pro Acme (produkce) je @",
        "Acmeの本番用APIキー：@",
        "生产环境 Acme API 密钥：`@`",
        "Klienthemligheten för Acme är `@`.",
        "La chiave API di Acme: **@**",
        "La clave secreta es `@`.",
        "A chave de API do Acme é @",
        "clé d’API : « @ »",
        "Clé secrète : @",
        "clave_api=@",
        "Ключ API: @",
        "Ключ доступа к API: @",
        "Acme API anahtarı (canlı): @",
        "API-nøgle: @",
        "API 키: @",
    ] {
        let text = line.replace('@', &value);
        let all: Vec<_> = found(&text).into_iter().map(|(_, value)| value).collect();
        assert_eq!(all, [value.as_str()], "{text}");
    }
}

#[test]
fn words_that_only_hold_a_name_are_left_alone() {
    let value = drawn(BASE62, 28);
    for line in [
        "Öffentlicher Schlüssel: @",
        "clave pública: @",
        "Clé publique : @",
        "公開キー：@",
        "キーワード：@",
        "Открытый ключ: @",
        "clear = @",
        "vehicle: @",
    ] {
        is_not_found(&line.replace('@', &value));
    }
    for line in [
        "username: Kestrel4!dune",
        "the user is Kestrel4!dune",
        "login Kestrel4!dune",
    ] {
        is_not_found(line);
    }
}

#[test]
fn every_special_name_is_a_name() {
    for special in SHORT.iter().chain(&APART) {
        assert!(WORDS.iter().any(|(word, _)| word == special), "{special}");
    }
}
