use crate::Kind;
use crate::samples::{found, is_not_found};

fn is_password(text: &str, value: &str) {
    assert_eq!(found(text), [(Kind::Password, value)], "{text}");
}

#[test]
fn words_with_a_mark_or_a_number_are_found_in_quotes() {
    for (text, value) in [
        (
            "<server user=\"ci\" password=\"Welcome-2021\"/>",
            "Welcome-2021",
        ),
        ("password: \"winter7winter\"", "winter7winter"),
        ("password: 'snowyNight#Oslo'", "snowyNight#Oslo"),
        ("* **Password:** `sandyBeach!Kiel`", "sandyBeach!Kiel"),
        (
            "kubectl create secret generic db --from-literal=password='Table#2024prod'",
            "Table#2024prod",
        ),
        ("SMTP_BIND_PW=P@ssw0rd#2024", "P@ssw0rd#2024"),
        ("DB_PASSWORD=\"LetMeIn!2019\"", "LetMeIn!2019"),
    ] {
        is_password(text, value);
    }
}

#[test]
fn a_password_is_found_behind_its_user() {
    for (text, value) in [
        (
            "User deploy, password Vanilla.Cake77, port 22.",
            "Vanilla.Cake77",
        ),
        ("Benutzer root, Passwort Apfel.Kuchen12.", "Apfel.Kuchen12"),
        (
            "Log in with the user `ops` and the password `Query.Table_77`.",
            "Query.Table_77",
        ),
        (
            "> creds for the new shop: ops@acme.example / Briefmarke-rot7",
            "Briefmarke-rot7",
        ),
        (
            "- Grafana: admin / Zwetschge-2019 (password)",
            "Zwetschge-2019",
        ),
    ] {
        is_password(text, value);
    }
}

#[test]
fn a_password_is_found_in_a_sentence() {
    for (text, value) in [
        (
            "The root password has been changed to Gr4nit!Berg.",
            "Gr4nit!Berg",
        ),
        (
            "Das Passwort wurde geändert auf Gr4nit!Berg.",
            "Gr4nit!Berg",
        ),
        ("Password reset to Gr4nit!Berg on Monday", "Gr4nit!Berg"),
        ("SSID: office, Key: Gewitter_2020!", "Gewitter_2020!"),
        ("<password>snowyNight#Oslo</password>", "snowyNight#Oslo"),
        (
            "$p = ConvertTo-SecureString 'Gr4nit!Berg' -AsPlainText -Force",
            "Gr4nit!Berg",
        ),
        ("The password was reset to Gr4nit!Berg.", "Gr4nit!Berg"),
        ("PW für den Testserver: `Gr4nit!Berg`", "Gr4nit!Berg"),
        ("Enter 9Raben!im!Turm as the password.", "9Raben!im!Turm"),
        ("WLAN-Schlüssel: Gewitter_2020!", "Gewitter_2020!"),
        ("WiFi key: Gewitter_2020!", "Gewitter_2020!"),
        ("Clé WPA du bureau : Orage_2020!", "Orage_2020!"),
        (
            "| SSID | WPA3 key |\n|---|---|\n| office | Gewitter_2020! |",
            "Gewitter_2020!",
        ),
    ] {
        is_password(text, value);
    }
}

#[test]
fn a_password_is_found_among_the_arguments_of_a_call() {
    for (text, value) in [
        (
            "$db = new PDO(\"mysql:host=db; dbname=shop\", \"shop\", \"Reg3nbogen\");",
            "Reg3nbogen",
        ),
        (
            "var c = DriverManager.getConnection(url, \"stock\", \"Qwe45rty!Z\");",
            "Qwe45rty!Z",
        ),
        (
            "$m = mysqli_connect('db', 'shop', 'Reg3nbogen', 'shop');",
            "Reg3nbogen",
        ),
        (
            "ldap_bind($ds, \"cn=svc,dc=acme\", \"Reg3nbogen\");",
            "Reg3nbogen",
        ),
        ("ftp_login($ftp, 'shop', 'Reg3nbogen');", "Reg3nbogen"),
    ] {
        is_password(text, value);
    }
}

#[test]
fn names_of_code_and_placeholders_are_left_alone() {
    for text in [
        "password: \"oauth2client\"",
        "password: \"base64encoded\"",
        "password: `Sessions#create`",
        "Password: `Users#reset`",
        "password: 'changeme_2024'",
        "password: \"password_2024\"",
        "DB_PASSWORD=admin-2024",
        "password: \"ops@acme.example\"",
        "User root, password required, port 22.",
        "ftp.login()  # user anonymous, passwd anonymous@",
        "with the user `ops` and the password `secretKeyRef`",
        "The password was changed by Anna2024Meier.",
        "The password was reset on 2024-01-12T10:00.",
        "Use kubernetes.io/basic-auth as the password.",
        "new PDO($dsn, 'root', 'password')",
        "new PDO($dsn, $user, $pass)",
        "DriverManager.getConnection(url, \"root\", \"changeme1\")",
        "mysqli_connect('db1.acme.example', 'root2', $password)",
        "PW for the portal: see `vault/portal2`",
        "- Jenkins – admin / see vault (password)",
        "The wifi key is on the router.",
        "Pass the password to UserService2.login before.",
        "Hand the password to Kubernetes1.29.",
        "$p = ConvertTo-SecureString $env:PASSWORD -AsPlainText",
        "<password>${db.password}</password>",
    ] {
        is_not_found(text);
    }
}

#[test]
fn a_key_with_marks_is_found_behind_a_strong_name() {
    let value = "h7-TqVbWr2KpX0yz#.^kq^BsM";
    let text = format!("SECRET_KEY = '{value}'");
    assert_eq!(found(&text), [(Kind::Assigned, value)]);
    is_not_found("SECRET_KEY = 'Change.Me.Before.Going-Live#1'");
    is_not_found("SECRET_KEY = config.get('Secret.Key-1')");
}

#[test]
fn a_value_for_one_stage_is_found_behind_empty_cells() {
    let value = "4be1c09d77a25f3886e0d1b4c97a6f52";
    for row in [
        format!("| signing_secret | – | {value} |"),
        format!("| `signing_secret` | | `{value}` |"),
        format!("| signing_secret | changeme | - | {value} |"),
    ] {
        let text = format!("| Setting | Test | Live | Old |\n|--|--|--|--|\n{row}");
        assert_eq!(found(&text), [(Kind::Assigned, value)], "{text}");
    }
    for row in [
        format!("| signing_secret | rotated | {value} |"),
        format!("| signing_secret | 2024-01-01 | {value} |"),
        format!("| public signing key | – | {value} |"),
    ] {
        is_not_found(&format!("| Name | State | Commit |\n|--|--|--|\n{row}"));
    }
}

#[test]
fn letters_of_any_language_are_survived() {
    for text in [
        "password: \"\u{dc}berall!2025\"",
        "password: \u{e9}assw0rd!2025",
        "password = \u{65e5}!2025",
        "password: `\u{130}@2025`",
        "| Key | Password |\n|---|---|\n| x | \u{f1}\u{f1}\u{f1}-2025 |",
    ] {
        let _ = found(text);
    }
}

#[test]
fn a_value_in_quotes_is_hidden_to_its_mark() {
    is_password("password: \"rainyDay#7x Leeds\"", "rainyDay#7x Leeds");
}

#[test]
fn every_cell_of_a_row_is_read() {
    const TEST: &str = "9a27f0b921d0bb9e8f43a1d308bc6e12";
    const LIVE: &str = "7c41e0b921d0bb9e8f43a1d308bc6e55";
    for (cells, is_secret) in [
        (vec![TEST, LIVE], 2),
        (vec!["-", TEST, LIVE], 2),
        (vec!["", TEST, "—", LIVE], 2),
        (vec!["<secret>", TEST, LIVE], 2),
        (vec!["rotated", TEST, LIVE], 0),
        (vec!["hex", "from the vault", "-"], 0),
    ] {
        let row = format!("| a | b |\n|-|-|\n| hmac_secret | {} |", cells.join(" | "));
        assert_eq!(found(&row).len(), is_secret, "{row}: {:?}", found(&row));
    }
}

#[test]
fn what_the_word_is_said_of_and_names_of_code_are_no_passwords() {
    for text in [
        "Type Ctrl+Alt+F2 as the password prompt appears.",
        "- Password: company standard applies everywhere here",
        "| Field | Password |\n|---|---|\n| rule | upper lower digit symbol length |",
        "password: `UserController#reset2`",
        "password: \"v4.2.1+build7\"",
        "password: `users#update2`",
        "password: `mount2point`",
        "The passphrase is `correct horse battery staple`.",
    ] {
        is_not_found(text);
    }
}
