use crate::Kind;
use crate::samples::{found, is_not_found};

fn is_phrase(text: &str, phrase: &str) {
    assert_eq!(found(text), [(Kind::Password, phrase)], "{text}");
}

#[test]
fn words_of_a_list_are_found_behind_the_name_of_a_phrase() {
    for (text, phrase) in [
        (
            "passphrase: \"anchor marble quilt jungle\"",
            "anchor marble quilt jungle",
        ),
        (
            "passphrase: anchor marble quilt jungle tulip",
            "anchor marble quilt jungle tulip",
        ),
        (
            "GPG_PASSPHRASE='anchor marble quilt jungle'",
            "anchor marble quilt jungle",
        ),
        (
            "The passphrase of the backup is “anchor marble quilt jungle”.",
            "anchor marble quilt jungle",
        ),
        (
            "Die Passphrase ist „drei graue Katzen schlafen unter Bäumen“.",
            "drei graue Katzen schlafen unter Bäumen",
        ),
        (
            "La frase de contraseña es `cinco gatos duermen sobre el tejado`.",
            "cinco gatos duermen sobre el tejado",
        ),
        (
            "Phrase de passe : « neuf chats dorment sous la table »",
            "neuf chats dorment sous la table",
        ),
        (
            "Seed phrase: `acid bulk crisp diet elbow fatal gauge hazel icon jelly kiwi lemon`",
            "acid bulk crisp diet elbow fatal gauge hazel icon jelly kiwi lemon",
        ),
        (
            "mnemonic = \"acid bulk crisp diet elbow fatal gauge hazel icon jelly kiwi lemon\"",
            "acid bulk crisp diet elbow fatal gauge hazel icon jelly kiwi lemon",
        ),
        (
            "<passphrase>anchor marble quilt jungle</passphrase>",
            "anchor marble quilt jungle",
        ),
        (
            "<tr><td>Passphrase</td><td>anchor marble quilt jungle tulip</td></tr>",
            "anchor marble quilt jungle tulip",
        ),
        (
            "| Disk | Passphrase |\n|---|---|\n| sda | anchor marble quilt jungle tulip |",
            "anchor marble quilt jungle tulip",
        ),
        (
            "| Disk | Passphrase |\n|---|---|\n| sda | `anchor marble quilt jungle` |",
            "anchor marble quilt jungle",
        ),
        (
            "Seed phrase:\n\n```\nacid bulk crisp diet elbow fatal gauge hazel icon jelly kiwi lemon\n```\n",
            "acid bulk crisp diet elbow fatal gauge hazel icon jelly kiwi lemon",
        ),
        (
            "### Recovery phrase\n\n```text\nacid bulk crisp diet elbow fatal\n```\n",
            "acid bulk crisp diet elbow fatal",
        ),
        (
            "passphrase: \"drei gru\u{308}ne Ka\u{308}fer tru\u{308}ben\"",
            "drei gru\u{308}ne Ka\u{308}fer tru\u{308}ben",
        ),
        (
            "**Passphrase:** `anchor marble quilt jungle`",
            "anchor marble quilt jungle",
        ),
    ] {
        is_phrase(text, phrase);
    }
}

#[test]
fn words_that_marks_join_are_found() {
    for (text, phrase) in [
        (
            "RESTIC_PASSWORD=anchor-marble-quilt-jungle",
            "anchor-marble-quilt-jungle",
        ),
        (
            "The wifi password is `anchor-marble-quilt-jungle`.",
            "anchor-marble-quilt-jungle",
        ),
        (
            "password: Anchor.Marble.Quilt.Jungle",
            "Anchor.Marble.Quilt.Jungle",
        ),
        (
            "DUPLICACY_PASSWORD=\"anchor_marble_quilt_jungle\"",
            "anchor_marble_quilt_jungle",
        ),
    ] {
        is_phrase(text, phrase);
    }
}

#[test]
fn a_sentence_about_a_phrase_is_none() {
    for text in [
        "Passphrase: kept in the safe of the office",
        "the passphrase is stored in Vault",
        "passphrase: \"Enter your passphrase here please\"",
        "passphrase: 'must have at least eight characters'",
        "The passphrase is \"stored with the owner only\".",
        "Passphrase: ask Maria Weber before using it",
        "Passphrase: rotated every quarter automatically for everybody",
        "passphrase: \"incorrect passphrase supplied again\"",
        "Recovery phrase: see the vault of the finance team",
        "Die Passphrase ist „im Tresor des Büros hinterlegt“.",
        "La phrase secrète est « conservée dans le coffre ».",
        "La frase de paso es `guardada en la caja fuerte`.",
        "| Passphrase | Owner |\n|---|---|\n| printed and kept by finance | ops |",
        "password: \"The same password as before\"",
        "\"password\": \"forgot your password again\"",
        "password: orders-billing-stripe-relay-prod",
        "password: grafana-smtp-relay-secret",
        "The password comes from `orders-stripe-relay-live`.",
        "mnemonic: MOV_AX1-Long",
        "'category-set-mnemonics', 'category-table', 'category-table-p', 'ccl-execute'",
        "\"mnemonics\", \"category-table-of-names\", \"other\"",
        "Mnemonic: short word for each operation of the machine",
        "<td>Passphrase</td><td>kept in the safe of the office</td>",
        "passphrase: word word word word word",
        "Recovery phrase:\n\n```\nprint the words and keep them\n```\n",
        "Password:\n\n```\nlower upper digit symbol length\n```\n",
    ] {
        is_not_found(text);
    }
}
