//! Options of commands that hold a password, and options that hold something else.

use super::super::Kind;
use super::super::samples::{HEX, drawn, found, is_not_found};

#[test]
fn the_command_tells_what_its_option_means() {
    let value = "Kestrel4!dune";
    for line in [
        "curl -u reports:@ https://api.example.org",
        "curl -ureports:@ https://api.example.org",
        "curl -s \\\n  --user 'reports:@' \\\n  https://api.example.org",
        "curl --user=reports:@ https://api.example.org",
        "curl https://api.example.org --proxy-user \"reports:@\"",
        "http -a reports:@ api.example.org",
        "mysql -u reports -p@ sales",
        "mysqldump --host db -p'@' sales",
        "docker login -u reports -p @ registry.example.org",
        "sshpass -p '@' ssh reports@host",
        "redis-cli -h cache -a @ ping",
        "mongosh --host db -u app -p @ --authenticationDatabase admin",
        "sqlcmd -S sql.example -U sa -P @ -Q 'select 1'",
        "keytool -list -keystore acme.jks -storepass @",
        "unzip -P @ export.zip",
        "7z x -p@ export.7z",
        "ldapsearch -x -D cn=svc,dc=acme -w @ -b dc=acme",
        "net use Z: \\\\nas\\share @ /user:acme\\dana",
        "lftp -u export,@ sftp://sftp.example",
        "ab -A svc:@ -n 100 https://api.example/",
        "smbclient //nas/backup -U admin%@",
        "snmpwalk -v3 -u app -A @ host",
        "mosquitto_pub -h mq -u app -P @ -t a",
        "/usr/bin/mysqldump -u app -p@ shop",
        "htpasswd -nb reports @",
        "sqlplus app/@@//db.example/shop",
        "wpa_passphrase office @",
        "rabbitmqctl add_user app @",
        "cmdkey /add:host /user:dana /pass:@",
        "xfreerdp /u:dana /p:@ /v:host",
        "openssl enc -aes-256-cbc -k @ -in notes",
        "http --auth reports:@ https://api.example.org",
        "keytool -importkeystore -srcstorepass @ -deststorepass changeit",
        "poetry config http-basic.acme reports @",
        "openssl pkcs12 -in a.p12 -passin pass:@",
        "RSYNC_PASSWORD=@ rsync -a host::data .",
        "wget --http-password=@ https://api.example/",
    ] {
        let text = format!("```sh\n{}\n```", line.replacen('@', value, 1));
        assert_eq!(found(&text), [(Kind::Password, value)], "{text}");
    }
}

#[test]
fn the_name_of_a_pair_may_be_the_key() {
    let key = drawn(HEX, 32);
    let text = format!("curl -u {key}: https://api.example.org");
    assert_eq!(found(&text), [(Kind::Assigned, key.as_str())]);
}

#[test]
fn other_options_are_left_alone() {
    for line in [
        "curl -u username:password https://api.example.org",
        "curl -u \"$USER:$PASSWORD\" https://api.example.org",
        "curl -u <email>:<token> https://api.example.org",
        "curl -u client_id:client_secret https://api.example.org",
        "docker run -u 1000:1000 -p 8080:80 image",
        "git push -u origin feature/Kestrel4!dune",
        "rsync -u host:Backup2024/x .",
        "mkdir -p Kestrel4/dune",
        "curl -X POST -p Kestrel4!dune",
        "curl http://a.example\nsudo -u app:Kestrel4!dune ls",
        "mysql -u root -p",
        "ssh -p 2222 host",
        "unzip -P $ZIP_PASSWORD export.zip",
        "echo sqlcmd | grep -P Kestrel4!dune",
        "grep -w Kestrel4!dune notes.txt",
        "tar -X Kestrel4!dune -a archive",
        "net use Z: \\\\nas\\share /user:acme\\dana",
        "htpasswd -c /etc/nginx/.htpasswd reports",
        "useradd -U Kestrel4%dune",
        "curl -k https://Kestrel4.example/dune",
        "msbuild app.sln /p:Kestrel4!dune",
    ] {
        is_not_found(line);
    }
}
