//! Real peers: curl before the balancer, nginx behind it.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use straddle::proxy::{Plan, Told};

use crate::support::balancer::{Balancer, named};
use crate::support::{eventually, has_program, require};

/// nginx in the foreground, for as long as this lives.
struct Nginx(Child);

impl Nginx {
    /// Serves a page that says `name`: HTTP/1.1 at one address, HTTP/2 without TLS at the other.
    fn start(folder: &Path, name: &str) -> (Self, [std::net::SocketAddr; 2]) {
        let addresses = [(); 2].map(|()| std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap());
        let own = folder.join(name);
        fs::create_dir_all(own.join("www")).unwrap();
        fs::write(own.join("www/page.txt"), format!("{name}\n").repeat(2000)).unwrap();
        let places: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map(|kind| format!("{kind}_temp_path {};\n", own.join(kind).display()))
            .concat();
        let conf = format!(
            "daemon off; master_process off; pid nginx.pid; error_log error.log;\nevents {{}}\n\
             http {{ access_log off; types {{ text/plain txt; }}\ngzip on; gzip_types text/plain;\n{places}\
             server {{ listen {}; root www; }}\nserver {{ listen {} http2; root www; }} }}\n",
            addresses[0], addresses[1],
        );
        fs::write(own.join("nginx.conf"), conf).unwrap();
        let mut command = Command::new("nginx");
        command.args(["-p", &own.display().to_string(), "-c", "nginx.conf"]).stderr(Stdio::null());
        let nginx = Self(command.spawn().unwrap());
        for address in addresses {
            eventually("nginx listens", || std::net::TcpStream::connect(address).is_ok());
        }
        (nginx, addresses)
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// What curl prints, with these options before the URLs.
fn curl(options: &[&str], urls: &[&str]) -> String {
    let output =
        Command::new("curl").args(["--silent", "--show-error", "--max-time", "20"]).args(options).args(urls).output();
    let output = output.unwrap();
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

const WRITE_OUT: [&str; 2] = ["--write-out", "HTTP/%{http_version} %{http_code} %{num_connects}\n"];

#[test]
fn curl_speaks_every_version_through_it() {
    if !require("curl", || has_program("curl", "--version")) {
        return;
    }
    let (old, new) = (named("old"), named("new"));
    let told = Told::new("old");
    let balancer = Balancer::before(&[("old", old.address), ("new", new.address)], Plan::Told(told.clone()));
    let url = format!("http://{}/a", balancer.mixer.address());
    for (options, expected) in [
        (&["--http1.0"][..], "HTTP/1.1 200 1\n"),
        (&["--http1.1"], "HTTP/1.1 200 1\n"),
        (&["--http1.1", "--data", "x=1"], "HTTP/1.1 200 1\n"),
        (&["--http2"], "HTTP/2 200 1\n"),
        (&["--http2", "--data", "x=1"], "HTTP/1.1 200 1\n"),
        (&["--http2-prior-knowledge"], "HTTP/2 200 1\n"),
    ] {
        for name in ["old", "new"] {
            told.to(name);
            let printed = curl(&[options, &WRITE_OUT].concat(), &[&url]);
            assert_eq!(printed, format!("{name} /a{expected}"), "{options:?}");
            let method = if options.contains(&"--data") { "POST" } else { "GET" };
            assert_eq!(balancer.lines(), [format!("{method} /a@{name}: 200")]);
        }
    }
}

#[test]
fn nginx_is_mixed_in_both_versions_of_http() {
    if !(require("nginx", || has_program("nginx", "-v")) && require("curl", || has_program("curl", "--version"))) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let (_old, old) = Nginx::start(folder.path(), "old");
    let (_new, new) = Nginx::start(folder.path(), "new");
    // curl 7.88 loses a connection of HTTP/2 that it uses again, before nginx itself too.
    for (version, option, calls) in [(0, "--http1.1", 12), (1, "--http2-prior-knowledge", 1)] {
        let instances = [("old", old[version]), ("new", new[version])];
        let balancer = Balancer::before(&instances, Plan::Weighted { seed: 11 });
        let url = format!("http://{}/page.txt", balancer.mixer.address());
        let mut printed = String::new();
        for _ in 0..12 / calls {
            let this = curl(&[&[option, "--compressed"][..], &WRITE_OUT].concat(), &vec![url.as_str(); calls]);
            let ends: Vec<&str> = this.lines().filter(|line| line.starts_with("HTTP/")).collect();
            let one = ends.iter().filter(|line| line.ends_with(" 200 1")).count();
            let kept = ends.iter().filter(|line| line.ends_with(" 200 0")).count();
            assert_eq!((one, kept), (1, calls - 1), "{ends:?}");
            printed.push_str(&this);
        }
        let lines = balancer.lines();
        for name in ["old", "new"] {
            let answered = lines.iter().filter(|line| **line == format!("GET /page.txt@{name}: 200")).count();
            assert!(answered > 0 && printed.matches(name).count() == answered * 2000, "{name}: {lines:?}");
        }
        assert_eq!(lines.len(), 12);
    }
}
