//! What is no secret to whoever reads the document.

use super::super::samples::{BASE62, HEX, drawn, found, is_not_found};

#[test]
fn an_encrypted_value_is_no_secret() {
    let (long, short) = (drawn(BASE62, 160), drawn(BASE62, 22));
    for line in [
        "db_password: ENC[AES256_GCM,data:@,iv:@,tag:@,type:str]",
        "db_password: ENC[PKCS7,@]",
        "db.password=ENC(@)",
        "spring.datasource.password: '{cipher}@'",
        "api_token: vault:v1:@",
        "DB_PASSWORD=\"encrypted:@\"",
        "api_key: gAAAAABm@",
        "password: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  66386439653236336462626566653063336164663966303231363934653561363964363833313662",
    ] {
        is_not_found(&line.replace('@', &short));
    }
    let sealed = format!("encryptedData:\n    password: AgB{long}");
    is_not_found(&sealed);
}

#[test]
fn what_vendors_call_public_is_no_secret() {
    let (hex, mixed) = (drawn(HEX, 27), drawn(BASE62, 32));
    is_not_found(&format!("Paddle.Initialize({{ token: \"live_{hex}\" }})"));
    is_not_found(&format!(
        "mapboxgl.accessToken = 'pk.eyJ1IjoiYWNtZSJ9.{}'",
        &mixed[..22]
    ));
    is_not_found(&format!("client key: test_{}", mixed.to_uppercase()));
    is_not_found(&format!("RAZORPAY_KEY=rzp_live_{}", &mixed[..14]));
    // A longer one is a key of Mollie.
    assert_eq!(found(&format!("api_key: live_{mixed}")).len(), 1);
}
