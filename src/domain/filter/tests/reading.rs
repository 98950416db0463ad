//! What reads, and what does not and where.

use proptest::prelude::*;

use crate::domain::filter::Filter;

#[test]
fn what_reads_has_a_normal_form() {
    for (text, normal) in [
        ("", ""),
        ("   ", ""),
        ("~all", ""),
        ("push", "push"),
        ("a b", "a b"),
        ("a & b && c", "a b c"),
        ("a|b", "a | b"),
        ("a || b", "a | b"),
        ("a b | c d", "a b | c d"),
        ("a (b | c)", "a (b | c)"),
        ("(a b) c", "a b c"),
        ("((a))", "a"),
        ("(a | b) | c", "a | b | c"),
        ("!a", "!a"),
        ("! a", "!a"),
        ("!!a", "a"),
        ("!(a b)", "!(a b)"),
        ("!(a | b)", "!(a | b)"),
        ("!(a)", "!a"),
        ("a ~all", "a ~all"),
        ("\"a b\"", "\"a b\""),
        ("'a b'", "\"a b\""),
        ("\"a\\\"b\"", "\"a\\\"b\""),
        ("'it\\'s'", "\"it's\""),
        ("\"\\d\"", "\"\\\\d\""),
        ("\"\"", "\"\""),
        ("don't", "\"don't\""),
        ("12:30", "\"12:30\""),
        ("a.b:c", "\"a.b:c\""),
        ("evt_1PqX2", "evt_1PqX2"),
        ("/stripe/x?y=1", "\"/stripe/x?y=1\""),
        ("2f(x)", "\"2f(x)\""),
        ("\u{e9}t\u{e9}", "\"\u{e9}t\u{e9}\""),
        ("body", "body"),
        ("mark", "mark"),
        ("\"mark\"", "\"mark\""),
        ("note", "note"),
        ("replay", "replay"),
        ("!mark !note", "!mark !note"),
        ("markdown", "markdown"),
        ("any:x", "x"),
        ("any~\"x y\"", "any~\"x y\""),
        ("method:post", "method:post"),
        ("METHOD:post", "method:post"),
        ("method==GET", "method=GET"),
        ("method!=GET", "!method=GET"),
        ("path:/stripe", "path:/stripe"),
        ("path~^/a(b|c)$", "path~\"^/a(b|c)$\""),
        ("(path~^/a(b|c)$ | x)", "path~\"^/a(b|c)$\" | x"),
        ("path~\"^/(a|b) \"", "path~\"^/(a|b) \""),
        ("query:x=1", "query:\"x=1\""),
        ("target=/a?b", "target=\"/a?b\""),
        ("header:json", "header:json"),
        ("header(X-GitHub-Event):push", "header(x-github-event):push"),
        ("header( host )", "header(host)"),
        ("header(x)~\"^a\"", "header(x)~\"^a\""),
        ("header(content-length)>100", "header(content-length)>100"),
        ("body:\"a b\"", "body:\"a b\""),
        ("json(.data.amount)>100", "json(.data.amount)>100"),
        ("json(data.amount)>=1.5e3", "json(.data.amount)>=1.5e3"),
        ("json(.items[0].name)~\"^a\"", "json(.items[0].name)~\"^a\""),
        ("json(.items[].id):x", "json(.items[].id):x"),
        ("json([\"a)b\"].c)=1", "json([\"a)b\"].c)=1"),
        ("json(.a)", "json(.a)"),
        ("json(.)", "json(.)"),
        ("provider:stripe", "provider:stripe"),
        ("event=invoice.paid", "event=invoice.paid"),
        ("delivery:evt_1", "delivery:evt_1"),
        ("endpoint:x", "endpoint:x"),
        ("id:1-5,9", "id:1-5,9"),
        ("id:9-", "id:9-"),
        ("id=3", "id:3"),
        ("id>=10", "id>=10"),
        ("sig:valid", "sig:valid"),
        ("sig:Valid,UNSIGNED", "sig:valid,unsigned"),
        ("sig(valid|unsigned)", "sig:valid,unsigned"),
        ("sig:wrong-secret", "sig:wrong_secret"),
        ("sig=body_modified", "sig:body_modified"),
        ("sig!=valid", "!sig:valid"),
        ("status:200", "status:200"),
        ("status:4XX,none", "status:4xx,none"),
        ("status>=400", "status>=400"),
        ("fwd(2xx|5xx|404|error|none)", "fwd:2xx,5xx,404,error,none"),
        ("fwd:200-299,pending", "fwd:200-299,pending"),
        ("size>10kb", "size>10kb"),
        ("size<=1MiB", "size<=1mib"),
        ("size:1kb-2kb", "size:1kb-2kb"),
        ("size=\"10kb\"", "size:10kb"),
        ("age<5m", "age<5m"),
        ("age>1h30m", "age>1h30m"),
        ("ms>500", "ms>500"),
        ("ms<2s", "ms<2s"),
        ("ip:127.", "ip:127."),
        ("note:later", "note:later"),
        ("note~\"a b\"", "note~\"a b\""),
        ("replay>2", "replay>2"),
        ("attempt>1", "attempt>1"),
        ("~m GET", "method~GET"),
        ("~u \"/a b\"", "target~\"/a b\""),
        ("~h x-a", "header~x-a"),
        ("~hq x", "header~x"),
        ("~b x ~m y", "body~x method~y"),
        ("~bq x", "body~x"),
        ("~c 404", "status:404"),
        ("~t json", "header(content-type)~json"),
        ("~d example", "header(host)~example"),
        ("~src ::1", "ip~\"::1\""),
        ("~marked | ~replay", "mark | replay"),
        ("~comment x", "note~x"),
        ("~q", "status:none"),
        ("~s", "!status:none"),
        ("!~s", "status:none"),
        ("~e", "fwd:error"),
        ("!~m GET & (~c 500 | ~b \"boom\")", "!method~GET (status:500 | body~boom)"),
    ] {
        let filter = Filter::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(filter.to_string(), normal, "{text}");
        assert_eq!(Filter::parse(normal), Ok(filter), "{normal}");
    }
}

#[test]
fn what_does_not_read_is_told_with_its_place() {
    for (text, column, part) in [
        ("a |", 4, "a term must stand here"),
        ("| a", 1, "a term must stand here"),
        ("()", 2, "a term must stand here"),
        ("(a", 1, "not closed"),
        ("a)", 2, "closes none"),
        ("(a))", 4, "closes none"),
        ("a (b | )", 8, "a term must stand here"),
        ("!", 2, "must follow the !"),
        ("a & ", 5, "must follow the &"),
        ("a & | b", 5, "must follow the &"),
        ("& a", 1, "a field must stand before"),
        (":x", 1, "a field must stand before"),
        ("size > 3", 6, "a field must stand before"),
        ("\"a", 1, "quote is not closed"),
        ("body:'a", 6, "quote is not closed"),
        ("providr:x", 1, "no field of this name"),
        ("x providr:x", 3, "the fields are any method path"),
        ("x-github-event:push", 1, "header(x-github-event)"),
        ("http://localhost", 1, "in quotes"),
        ("foo(bar)", 1, "no field of this name"),
        ("provider:", 10, "a value must follow"),
        ("provider: stripe", 10, "a value must follow"),
        ("provider>3", 9, "provider takes : = ~"),
        ("path(x):y", 5, "nothing stands in parentheses"),
        ("header():x", 8, "the name of a header"),
        ("header(a b):x", 8, "the name of a header"),
        ("header(a:x", 7, "not closed"),
        ("header>3", 7, "header takes"),
        ("header(x)>abc", 11, "a number to compare"),
        ("json:x", 5, "the place in the body"),
        ("json(.a..b):x", 8, "a name must follow"),
        ("json(.a[x]):y", 8, "brackets hold"),
        ("json(.a[0):y", 8, "a bracket is not closed"),
        ("json(.a)x", 9, "must follow json"),
        ("json(.a)>x", 10, "a number to compare"),
        ("json(.\"a):y", 5, "not closed"),
        ("id:x", 4, "numbers and ranges"),
        ("id:1,x", 6, "numbers and ranges"),
        ("id:5-3", 4, "numbers and ranges"),
        ("id~3", 3, "id takes"),
        ("sig:vaild", 5, "valid, invalid, unsigned"),
        ("sig:valid,x", 11, "or a code: missing_header"),
        ("sig>3", 4, "sig takes"),
        ("sig(x)", 5, "or a code"),
        ("status:600x", 8, "404, 5xx or 200-299, or none"),
        ("status:error", 8, "or none"),
        ("fwd:x", 5, "error, pending, none"),
        ("fwd:0xx", 5, "error, pending, none"),
        ("size>10parsecs", 6, "a size such as"),
        ("size:-", 6, "a size such as"),
        ("age<5y", 5, "a time such as"),
        ("ms>fast", 4, "milliseconds"),
        ("attempt:one", 9, "numbers and ranges"),
        ("mark:yes", 5, "mark stands alone"),
        ("mark=1", 5, "!mark for the opposite"),
        ("path~(", 6, "no regular expression"),
        ("path~\"a{\\\"\"", 6, "no regular expression"),
        ("x path~*", 8, "no regular expression"),
        ("path~(a{1000}){1000}", 6, "too large"),
        ("~x", 1, "there is no such alias; there are ~m ~u"),
        ("~", 1, "no such alias"),
        ("~m", 3, "a value must follow ~m"),
        ("~m | x", 4, "a value must follow ~m"),
        ("~c x", 4, "a status such as"),
        ("\u{e9}\u{e9} |", 5, "a term must stand here"),
    ] {
        let error = Filter::parse(text).expect_err(text);
        assert!(error.column == column && error.message.contains(part), "{text}: {error}");
        assert!(error.caret(text).ends_with('^'), "{text}");
    }
    let deep = format!("{}a{}", "(".repeat(65), ")".repeat(65));
    assert!(Filter::parse(&deep).unwrap_err().message.contains("nested too deeply"));
    let many = vec!["a"; 257].join(" ");
    assert!(Filter::parse(&many).unwrap_err().message.contains("256 terms"));
    let many = vec!["path~a"; 17].join(" ");
    assert!(Filter::parse(&many).unwrap_err().message.contains("16 expressions"));
    assert!(Filter::parse(&"a".repeat(4_097)).unwrap_err().message.contains("4096"));
    let error = Filter::parse("\u{65e5}\u{672c} |").unwrap_err();
    assert_eq!(error.caret("\u{65e5}\u{672c} |"), "      ^", "wide characters are wide");
}

/// Pieces of filters in any order.
fn soup() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "(",
        ")",
        "|",
        "!",
        " ",
        " ",
        "&",
        ":",
        "=",
        "~",
        "<",
        ">",
        "\"",
        "'",
        "\\",
        "a",
        "mark",
        "path",
        "json(.a",
        "header(x)",
        "sig:valid",
        "body~",
        "1-5",
        ",",
        "[0]",
        ".b",
        "~m ",
        "~all",
        "\u{e9}",
        "not",
        "*",
        "{9}",
    ]);
    prop::collection::vec(pieces, 0..20).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn any_text_reads_or_is_told_and_reads_back(text in prop_oneof![soup(), ".*"]) {
        match Filter::parse(&text) {
            Ok(filter) => prop_assert_eq!(Filter::parse(&filter.to_string()), Ok(filter)),
            Err(error) => {
                prop_assert!(error.column >= 1 && error.column <= text.chars().count() + 1);
                prop_assert!(!error.message.is_empty());
                let _ = error.caret(&text);
            }
        }
    }
}
