//! `wharf.toml`: what belongs to the installation.

use std::net::{Ipv4Addr, TcpListener};

use crate::support::program::{up, wharf};
use crate::support::vendor::Vendor;
use crate::support::workspace::Workspace;

/// A port that was free a moment ago.
fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    listener.local_addr().unwrap().port()
}

#[test]
fn addresses_and_state_folder_come_from_the_file_and_options_win() {
    let vendor = Vendor::fine();
    let (_, workspace) = Workspace::petshop(&vendor);
    let (data, control) = (free_port(), free_port());
    let settings = format!(
        "[listen]\ndata = \"127.0.0.1:{data}\"\ncontrol = \"127.0.0.1:{control}\"\n\
         [gateway]\nworkers = 1\nmax_connections = 8\ndrain_timeout_seconds = 3\n\
         [state]\nfolder = \"kept/here\"\n"
    );
    workspace.write("wharf.toml", &settings);
    let token = workspace.caller("shop");
    assert!(workspace.file("kept/here").is_dir() && !workspace.state().exists());

    // The file marks the folder as the workspace at hand.
    let gateway = wharf(&["up", "--format", "json"])
        .within(workspace.path())
        .variable("PET_KEY", "key")
        .ready();
    assert_eq!(
        (gateway.data.port(), gateway.control.port()),
        (data, control)
    );
    assert_eq!(gateway.get("/petshop/pets", &token).status, 200);
    assert_eq!(gateway.stop().code, Some(0));

    let elsewhere = workspace.file("elsewhere");
    let gateway = up(&[workspace.argument(), "--state", elsewhere.to_str().unwrap()])
        .variable("PET_KEY", "key")
        .ready();
    assert_ne!(gateway.data.port(), data);
    assert_ne!(gateway.control.port(), control);
    assert_eq!(
        gateway.get("/petshop/pets", &token).status,
        401,
        "another state has other callers"
    );
    assert!(elsewhere.is_dir());
}
