//! A curl command line, as browsers, documentation and our own export write it. Nothing is run and no
//! file is read.

use data_encoding::BASE64;

use crate::domain::{
    headers,
    import::{
        Form, ImportError, Imported,
        request::{HeadText, split_url},
        words,
    },
};

/// Options without a value that change nothing about the request.
const IGNORED: [&str; 26] = [
    "-k",
    "--insecure",
    "-s",
    "--silent",
    "-S",
    "--show-error",
    "-v",
    "--verbose",
    "-i",
    "--include",
    "-L",
    "--location",
    "-f",
    "--fail",
    "--fail-with-body",
    "-N",
    "--no-buffer",
    "-g",
    "--globoff",
    "--path-as-is",
    "--http1.1",
    "--http2",
    "--http2-prior-knowledge",
    "-#",
    "--progress-bar",
    "-O",
];

/// Options with a value that change nothing about the request.
const IGNORED_WITH_VALUE: [&str; 22] = [
    "-o",
    "--output",
    "-w",
    "--write-out",
    "-m",
    "--max-time",
    "--connect-timeout",
    "--resolve",
    "--connect-to",
    "--cacert",
    "--capath",
    "-E",
    "--cert",
    "--key",
    "-x",
    "--proxy",
    "--retry",
    "--retry-delay",
    "-D",
    "--dump-header",
    "--max-redirs",
    "--limit-rate",
];

/// Whether a text is a curl command.
pub(super) fn is_command(text: &[u8]) -> bool {
    let text = text.strip_prefix(b"$ ").unwrap_or(text);
    let first = text.split(|b| b.is_ascii_whitespace()).next().unwrap_or_default();
    first == b"curl"
        || first == b"curl.exe"
        || (first == b"printf"
            && memchr::memchr_iter(b'|', text)
                .any(|at| text[at + 1..].trim_ascii_start().starts_with(b"curl")))
}

/// Reads it.
pub(super) fn read(text: &[u8]) -> Result<Imported, ImportError> {
    let fault = |why: &str| ImportError::Curl(why.to_owned());
    let text = text.strip_prefix(b"$ ").unwrap_or(text);
    let commands = words::pipeline(text).map_err(fault)?;
    let Some((curl, before)) = commands.split_last() else { return Err(ImportError::Empty) };
    let piped = piped(before).map_err(fault)?;
    let Some((name, arguments)) = curl.split_first() else { return Err(fault("the command is missing")) };
    if name != b"curl" && name != b"curl.exe" {
        return Err(fault("the last command of the pipe is not curl"));
    }
    let mut command = Command { piped, ..Command::default() };
    let mut rest = arguments.iter().map(Vec::as_slice);
    while let Some(word) = rest.next() {
        command.argument(word, &mut rest).map_err(ImportError::Curl)?;
    }
    command.finish()
}

/// What is piped into curl: the output of `printf %s`, `printf %b` and `base64 -d`.
fn piped(commands: &[Vec<Vec<u8>>]) -> Result<Option<Vec<u8>>, &'static str> {
    const FAULT: &str = "what is piped into it is more than printf and base64 -d";
    let mut data: Option<Vec<u8>> = None;
    for command in commands {
        let words: Vec<&[u8]> = command.iter().map(Vec::as_slice).collect();
        data = Some(match (&words[..], data) {
            ([b"printf", b"%s", text], None) => text.to_vec(),
            ([b"printf", b"%b", text], None) => words::escapes(text),
            ([b"base64", b"-d" | b"--decode" | b"-D"], Some(text)) => {
                BASE64.decode(&text).map_err(|_| FAULT)?
            }
            _ => return Err(FAULT),
        });
    }
    Ok(data)
}

#[derive(Default)]
struct Command {
    piped: Option<Vec<u8>>,
    url: Option<String>,
    target: Option<Vec<u8>>,
    method: Option<Vec<u8>>,
    headers: Vec<Vec<u8>>,
    data: Option<Vec<u8>>,
    /// What the options stand for as headers, unless a header says otherwise.
    implied: Vec<(&'static str, Vec<u8>)>,
    json: bool,
    get: bool,
    head: bool,
}

impl Command {
    fn argument<'a>(
        &mut self,
        word: &'a [u8],
        rest: &mut impl Iterator<Item = &'a [u8]>,
    ) -> Result<(), String> {
        let Some(text) =
            std::str::from_utf8(word).ok().filter(|text| text.starts_with('-') && text.len() > 1)
        else {
            return self.url(word);
        };
        let is_long = text.starts_with("--");
        let short = text.get(..2).unwrap_or(text);
        if IGNORED.contains(&text) {
            return Ok(());
        }
        let (name, inline) = match text.split_once('=') {
            Some((name, value)) if is_long => (name, Some(value.as_bytes())),
            _ if is_long || text.len() == 2 => (text, None),
            // `-XPOST`, and flags without a value written together: `-sS`.
            _ if "XHduAebmowxED".contains(&short[1..]) => (short, text.get(2..).map(str::as_bytes)),
            _ if text[1..].bytes().all(|b| b"ksSviLfNgGI".contains(&b)) => {
                self.get |= text.contains('G');
                self.head |= text.contains('I');
                return Ok(());
            }
            _ => return Err("an option is not known here".to_owned()),
        };
        match name {
            "-G" | "--get" => self.get = true,
            "-I" | "--head" => self.head = true,
            "--compressed" => self.implied.push(("Accept-Encoding", b"deflate, gzip".to_vec())),
            _ => {
                let value = inline.or_else(|| rest.next()).ok_or("an option has no value".to_owned())?;
                self.option(name, value)?;
            }
        }
        Ok(())
    }

    fn option(&mut self, name: &str, value: &[u8]) -> Result<(), String> {
        match name {
            "-X" | "--request" => self.method = Some(value.to_vec()),
            "-H" | "--header" if value.starts_with(b"@") => return Err(file("headers")),
            "-H" | "--header" => self.headers.push(value.to_vec()),
            "-d" | "--data" | "--data-ascii" | "--data-binary" => {
                let data = match value.strip_prefix(b"@") {
                    Some(b"-") => self.piped.take().ok_or_else(|| file("the body"))?,
                    Some(_) => return Err(file("the body")),
                    None => value.to_vec(),
                };
                // Only what is read from elsewhere loses its line ends.
                let plain = name != "--data-binary" && value == b"@-";
                self.add(
                    data.into_iter().filter(|b| !plain || !matches!(b, b'\r' | b'\n' | 0)).collect(),
                    b"&",
                );
            }
            "--data-raw" => self.add(value.to_vec(), b"&"),
            "--data-urlencode" => {
                let data = encoded(value)?;
                self.add(data, b"&");
            }
            "--json" => {
                let data = match value.strip_prefix(b"@") {
                    Some(b"-") => self.piped.take().ok_or_else(|| file("the body"))?,
                    Some(_) => return Err(file("the body")),
                    None => value.to_vec(),
                };
                self.json = true;
                self.add(data, b"");
            }
            "--url" => self.url(value)?,
            "--request-target" => self.target = Some(value.to_vec()),
            "-A" | "--user-agent" => self.implied.push(("User-Agent", value.to_vec())),
            "-e" | "--referer" => self.implied.push(("Referer", value.to_vec())),
            "-b" | "--cookie" if !value.contains(&b'=') => return Err(file("cookies")),
            "-b" | "--cookie" => self.implied.push(("Cookie", value.to_vec())),
            "-u" | "--user" => {
                self.implied.push(("Authorization", format!("Basic {}", BASE64.encode(value)).into_bytes()));
            }
            "-F" | "--form" | "--form-string" => {
                return Err(
                    "curl makes up the boundary of a multipart body (-F), so its bytes are not known"
                        .to_owned(),
                );
            }
            "-T" | "--upload-file" => return Err(file("the body")),
            "-K" | "--config" => return Err(file("options")),
            _ if IGNORED_WITH_VALUE.contains(&name) => {}
            _ => return Err("an option is not known here".to_owned()),
        }
        Ok(())
    }

    fn url(&mut self, word: &[u8]) -> Result<(), String> {
        let text = std::str::from_utf8(word).map_err(|_| "the URL is not text".to_owned())?;
        if self.url.is_some() {
            return Err("it has more than one URL".to_owned());
        }
        // curl takes a URL without a scheme for http.
        self.url = Some(if text.contains("://") { text.to_owned() } else { format!("http://{text}") });
        Ok(())
    }

    fn add(&mut self, data: Vec<u8>, joint: &[u8]) {
        match &mut self.data {
            Some(body) => {
                body.extend_from_slice(joint);
                body.extend_from_slice(&data);
            }
            None => self.data = Some(data),
        }
    }

    fn finish(mut self) -> Result<Imported, ImportError> {
        let mut url = self.url.take().ok_or_else(|| ImportError::Curl("it has no URL".to_owned()))?;
        if let Some(query) = self.data.take_if(|_| self.get) {
            let mark = if url.contains('?') { '&' } else { '?' };
            url = format!("{url}{mark}{}", String::from_utf8_lossy(&query));
        }
        let (host, target) = split_url(&url)?;
        let method = self.method.clone().unwrap_or_else(|| {
            let usual: &[u8] = match (&self.data, self.head) {
                (Some(_), _) => b"POST",
                (None, true) => b"HEAD",
                (None, false) => b"GET",
            };
            usual.to_vec()
        });
        let mut head = HeadText::new(&method, self.target.as_deref().unwrap_or(target.as_bytes()))?;
        let mut removed: Vec<Vec<u8>> = Vec::new();
        for line in &self.headers {
            match (memchr::memchr(b':', line), line.strip_suffix(b";")) {
                (Some(colon), _) => {
                    let value = line[colon + 1..].strip_suffix(b"\n").unwrap_or(&line[colon + 1..]);
                    // Other white space belongs to the value (RFC 9110 section 5.5).
                    let value = headers::trim(value.strip_suffix(b"\r").unwrap_or(value));
                    if value.is_empty() {
                        removed.push(line[..colon].to_ascii_lowercase());
                    } else {
                        head.push(&line[..colon], value)?;
                    }
                }
                (None, Some(name)) => head.push(name, b"")?,
                (None, None) => return Err(ImportError::Curl("a header has no colon".to_owned())),
            }
        }
        if self.json {
            self.implied.push(("Content-Type", b"application/json".to_vec()));
        } else if self.data.is_some() {
            self.implied.push(("Content-Type", b"application/x-www-form-urlencoded".to_vec()));
        }
        for (name, value) in &self.implied {
            if !head.has(name) && !removed.contains(&name.to_ascii_lowercase().into_bytes()) {
                head.push(name.as_bytes(), value)?;
            }
        }
        Ok(Imported {
            form: Form::Curl,
            head: head.end(Some(host)),
            body: self.data.unwrap_or_default(),
            trailers: Vec::new(),
            url: Some(url.split('#').next().unwrap_or_default().to_owned()),
            received_at: None,
            provider: None,
            complete: true,
            notes: Vec::new(),
        })
    }
}

fn file(what: &str) -> String {
    format!("{what} would be read from a file: put it into the command, or give the request as raw HTTP")
}

/// `--data-urlencode`: `text`, `=text` or `name=text`.
fn encoded(value: &[u8]) -> Result<Vec<u8>, String> {
    let (name, text) = match value.iter().position(|b| matches!(b, b'=' | b'@')) {
        Some(at) if value[at] == b'@' => return Err(file("the body")),
        Some(0) => (&b""[..], &value[1..]),
        Some(at) => (&value[..=at], &value[at + 1..]),
        None => (&b""[..], value),
    };
    const KEPT: &percent_encoding::AsciiSet =
        &percent_encoding::NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
    let text = percent_encoding::percent_encode(text, KEPT).to_string();
    Ok([name, text.as_bytes()].concat())
}

#[cfg(test)]
mod tests {
    use crate::domain::import::{Form, import};

    fn read(text: &str) -> (String, String) {
        let found = import(text.as_bytes(), None).unwrap();
        assert_eq!(found.form, Form::Curl);
        (String::from_utf8(found.head).unwrap().replace("\r\n", "|"), String::from_utf8(found.body).unwrap())
    }

    #[test]
    fn requests_are_those_that_curl_would_send() {
        for (text, head, body) in [
            ("curl http://h/a", "GET /a HTTP/1.1|Host: h||", ""),
            (
                "curl -X PUT 'https://h/a?b' -H 'X-A:  1' -H 'X-B;' -H 'Content-Type:' -d '{\"a\": 1}'",
                "PUT /a?b HTTP/1.1|X-A: 1|X-B: |Host: h||",
                "{\"a\": 1}",
            ),
            (
                "$ curl h:1 -d a=1 --data-raw @b --data-urlencode 'c=d e'",
                "POST / HTTP/1.1|Content-Type: application/x-www-form-urlencoded|Host: h:1||",
                "a=1&@b&c=d%20e",
            ),
            ("curl h -H $'X: \t1\\f\\r\\n'", "GET / HTTP/1.1|X: 1\u{c}|Host: h||", ""),
            ("curl -sS -G h -d a=1", "GET /?a=1 HTTP/1.1|Host: h||", ""),
            ("curl --json '{}' h", "POST / HTTP/1.1|Content-Type: application/json|Host: h||", "{}"),
            (
                "curl -XDELETE -uuser:pw --compressed -A me --url=h",
                "DELETE / HTTP/1.1|Authorization: Basic dXNlcjpwdw==|Accept-Encoding: deflate, gzip|User-Agent: me|Host: h||",
                "",
            ),
            (
                "printf %s '@x' | curl -X POST http://h/ -H 'Content-Type: a/b' --data-binary @-",
                "POST / HTTP/1.1|Content-Type: a/b|Host: h||",
                "@x",
            ),
            (
                "printf %s 'AAE=' | base64 -d | curl http://h/ -H 'Content-Type: a/b' --data-binary @-",
                "POST / HTTP/1.1|Content-Type: a/b|Host: h||",
                "\0\u{1}",
            ),
        ] {
            assert_eq!(read(text), (head.to_owned(), body.to_owned()), "{text}");
        }
    }

    #[test]
    fn what_reads_files_or_runs_commands_is_refused() {
        for text in [
            "curl h -d @/etc/passwd",
            "curl h -H @x",
            "curl h -d \"$(cat x)\"",
            "curl h -d $BODY",
            "curl h -F a=b",
            "curl h -T x",
            "curl h -K x",
            "curl h -b jar",
            "curl h --data-urlencode a@b",
            "curl",
            "curl h i",
            "curl h --nonsense",
            "curl h -H 'no colon'",
            "curl h -H 'A: 1' -X 'A B'",
            "curl ftp://h",
            "curl h -d",
            "cat x | curl h -d @-",
            "curl h; rm x",
        ] {
            assert!(import(text.as_bytes(), None).is_err(), "{text}");
        }
    }
}
