//! Bodies that are not the signed ones.

use hookglass::domain::signature::Code::BodyModified;

use super::{COMPACT, FORM, FORM_TYPE, KEY, Row, SPACED, WHSEC};
use crate::diagnosis::request::{AT, github, shopify, stripe};

pub(super) fn bodies() -> Vec<Row> {
    let gh = |signed: &str, arrives: &str| github(KEY, signed, arrives).secret(KEY);
    let form = |signed: &str, arrives: &str| gh(signed, arrives).with("Content-Type", FORM_TYPE);
    let escaped = COMPACT.replace('\u{e9}', "\\u00e9");
    let pretty = |unit: &str| {
        let lines = [
            ("", "{"),
            ("1", "\"b\": \"café/<x>&y\","),
            ("1", "\"a\": ["),
            ("11", "1.0,"),
            ("11", "2,"),
            ("11", "{"),
            ("111", "\"é\": null"),
            ("11", "}"),
            ("1", "],"),
            ("1", "\"c\": \"1'2\""),
            ("", "}"),
        ];
        lines.map(|(depth, line)| format!("{}{line}", unit.repeat(depth.len()))).join("\n")
    };
    let gzip = {
        use std::io::Write;
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packed.write_all(COMPACT.as_bytes()).unwrap();
        packed.finish().unwrap()
    };
    let deflate = {
        use std::io::Write;
        let mut packed = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
        packed.write_all(COMPACT.as_bytes()).unwrap();
        packed.finish().unwrap()
    };
    vec![
        ("a final line feed was taken off", gh("{}\n", "{}"), BodyModified, "line feed at its end"),
        (
            "a final CRLF was taken off",
            shopify(KEY, "{}\r\n", "{}").secret(KEY),
            BodyModified,
            "carriage return",
        ),
        ("a final line feed was added", gh("{}", "{}\n"), BodyModified, "without the line end"),
        ("blanks were added", gh("{}", "  {} "), BodyModified, "white space around"),
        ("CRLF became LF", gh("a\r\nb\r\n", "a\nb\n"), BodyModified, "with CRLF"),
        ("LF became CRLF", gh("a\nb\n", "a\r\nb\r\n"), BodyModified, "with line feeds"),
        ("a byte order mark was added", gh("{}", "\u{feff}{}"), BodyModified, "without the byte order mark"),
        ("a byte order mark was taken off", gh("\u{feff}{}", "{}"), BodyModified, "with a byte order mark"),
        ("an empty body was signed", gh("", "{\"a\":1}"), BodyModified, "is empty"),
        ("compact JSON was spaced", gh(COMPACT, SPACED), BodyModified, "without white space"),
        (
            "Stripe's body was spaced",
            stripe(WHSEC, format!("{AT}.{COMPACT}"), SPACED).secret(WHSEC),
            BodyModified,
            "Express's req.body",
        ),
        ("indented by 2", gh(&pretty("  "), COMPACT), BodyModified, "indented by 2"),
        ("indented by 4", gh(&pretty("    "), COMPACT), BodyModified, "indented by 4"),
        ("indented by tabs", gh(&pretty("\t"), COMPACT), BodyModified, "by tabs"),
        (
            "Python's json.dumps",
            gh("{\"a\": \"\\u00e9\", \"b\": 1}", "{\"a\":\"\u{e9}\",\"b\":1}"),
            BodyModified,
            "json.dumps",
        ),
        (
            "Python without ASCII",
            gh("{\"a\": \"\u{e9}\", \"b\": 1}", "{\"a\":\"\\u00e9\",\"b\":1}"),
            BodyModified,
            "ensure_ascii=False",
        ),
        ("escapes became characters", gh(&escaped, COMPACT), BodyModified, "as \\u escapes"),
        ("characters became escapes", gh(COMPACT, &escaped), BodyModified, "JSON.stringify"),
        (
            "escapes in capitals",
            gh(&COMPACT.replace('\u{e9}', "\\u00E9"), COMPACT),
            BodyModified,
            "in capitals",
        ),
        ("PHP's slashes", gh("{\"a\":\"\\/\\u00e9\"}", "{\"a\":\"/\u{e9}\"}"), BodyModified, "json_encode"),
        (
            "slashes alone",
            gh("{\"a\":\"\\/\u{e9}\"}", "{\"a\":\"/\u{e9}\"}"),
            BodyModified,
            "\\/ for each slash",
        ),
        (
            "escaped slashes were written out",
            gh("{\"a\":\"/\"}", "{\"a\":\"\\/\"}"),
            BodyModified,
            "JSON.stringify",
        ),
        (
            "HTML was escaped",
            gh("{\"a\":\"\\u003cb\\u003e \\u0026\"}", "{\"a\":\"<b> &\"}"),
            BodyModified,
            "as Go and Rails",
        ),
        (
            ".NET's escapes",
            gh("{\"a\":\"\\u0027\\u00E9\"}", "{\"a\":\"'\u{e9}\"}"),
            BodyModified,
            "System.Text.Json",
        ),
        (
            "names were sorted",
            gh("{\"a\":1,\"b\":{\"c\":2,\"d\":3}}", "{\"b\":{\"d\":3,\"c\":2},\"a\":1}"),
            BodyModified,
            "names sorted",
        ),
        (
            "numbers were rewritten",
            gh("{\"a\":1,\"b\":1.5}", "{\"a\":1.0,\"b\":1.50}"),
            BodyModified,
            "numbers",
        ),
        (
            "compressed with gzip",
            github(KEY, COMPACT, gzip).with("Content-Encoding", "gzip").secret(KEY),
            BodyModified,
            "compressed with gzip",
        ),
        (
            "compressed with deflate",
            github(KEY, COMPACT, deflate).secret(KEY),
            BodyModified,
            "compressed with deflate",
        ),
        ("the JSON in the payload field", form("{\"a\": 1}", FORM), BodyModified, "form field payload"),
        ("the form with %20", form(&FORM.replace('+', "%20"), FORM), BodyModified, "%20 for each blank"),
        ("the form with +", form("a=x+y", "a=x%20y"), BodyModified, "+ for each blank"),
        ("the form's fields sorted", form("a=1&b=2", "b=2&a=1"), BodyModified, "fields sorted"),
        ("the form's escapes in capitals", form("c=%2F", "c=%2f"), BodyModified, "encoded again"),
        ("the form as JSON", form("{\"b\":\"1\",\"a\":\"2\"}", "b=1&a=2"), BodyModified, "fields as JSON"),
    ]
}
