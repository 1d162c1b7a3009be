//! Columns of tables of HTML.

use super::super::Kind;
use super::super::samples::{found, is_not_found};

#[test]
fn the_cells_below_a_heading_are_read() {
    for table in [
        "<table><tr><th>User</th><th>Password</th></tr><tr><td>ci</td><td>@</td></tr></table>",
        "<table>\n<thead><tr><th>Password</th><th>User</th></tr></thead>\n<tbody>\n<tr><td><code>@</code></td><td>ci</td></tr></tbody></table>",
        "<TABLE><TR><TH>User<TH>Password</TH></TR><TR><TD>none</TD><TD>see wiki</TD></TR><TR><TD>ci</TD><TD>@</TD></TR></TABLE>",
        "<table><tr><th>Password</th><td>@</td></tr></table>",
    ] {
        let text = table.replace('@', "WV3pikoW82ZX");
        assert_eq!(found(&text), [(Kind::Password, "WV3pikoW82ZX")], "{text}");
    }
    is_not_found(
        "<table><tr><th>User</th><th>Password</th></tr><tr><td>WV3pikoW82ZX</td><td>vault</td></tr></table>",
    );
}
