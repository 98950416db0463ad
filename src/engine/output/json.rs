//! `--output json`: one object a line. Names, order and meaning are an interface that scripts rely on.

pub use crate::domain::export::line::{capture_line, delivery_line};
use crate::domain::{
    export::{
        escape::{push_display, push_string},
        line::{name, push_check},
    },
    signature::Check,
};

/// Appends the line that says where the program listens.
pub fn listening_line(url: &str, version: &str, out: &mut Vec<u8>) {
    out.extend_from_slice(b"{\"type\":\"listening\",\"url\":");
    push_string(out, url);
    name(out, "version");
    push_string(out, version);
    out.extend_from_slice(b"}\n");
}

/// Appends what the signature check of one request said: the object that stands in `signature` of a
/// capture, on a line of its own.
pub fn signature_line(check: &Check, explanation: &str, out: &mut Vec<u8>) {
    push_check(out, check, explanation);
    out.push(b'\n');
}

/// Appends one finding of `doctor`: what was looked at, `ok`, `warning` or `problem`, and a sentence.
pub fn check_line(topic: &str, level: &str, text: &str, out: &mut Vec<u8>) {
    out.extend_from_slice(b"{\"type\":\"check\"");
    name(out, "topic");
    push_string(out, topic);
    name(out, "level");
    push_string(out, level);
    name(out, "text");
    push_string(out, text);
    out.extend_from_slice(b"}\n");
}

/// Appends the line that says how many events this reader did not get, and why.
pub fn lost_line(count: u64, reason: &str, out: &mut Vec<u8>) {
    push_display(out, format_args!("{{\"type\":\"lost\",\"count\":{count}"));
    name(out, "reason");
    push_string(out, reason);
    out.extend_from_slice(b"}\n");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::{
            capture::Cut,
            signature::{Code, Verdict},
            sink::{Answered, AnsweredBy},
            text::is_special,
        },
        engine::output::samples,
    };

    fn line(write: impl FnOnce(&mut Vec<u8>)) -> String {
        let mut out = Vec::new();
        write(&mut out);
        let line = String::from_utf8(out).expect("UTF-8");
        let line = line.strip_suffix('\n').expect("a whole line");
        assert_eq!(line.chars().find(|&c| is_special(c)), None, "{line}");
        serde_json::from_str::<serde_json::Value>(line).expect("JSON");
        line.to_owned()
    }

    #[test]
    fn a_capture_has_the_promised_form() {
        let record = samples::stripe();
        let expected = concat!(
            r#"{"type":"capture","id":1,"received_at":"2026-11-21T22:26:40.123456Z","remote":"127.0.0.1:50512","http":"1.1","#,
            r#""method":"POST","target":"/stripe?x=1","headers":[["Host","h"],["Stripe-Signature","t=1,v1=ab"],["stripe-signature","2"]],"#,
            r#""body":{"size":8,"text":"{\"a\":1}\n"},"complete":true,"#,
            r#""endpoint":"stripe","provider":"stripe","event":"invoice.paid","delivery_id":"evt_1","attempt":2,"#,
            r#""signature":{"verdict":"invalid","code":"body_modified","scheme":"stripe","secret":"STRIPE_WEBHOOK_SECRET","age_s":3,"#,
            r#""explanation":"The body was changed."},"response":{"status":200,"by":"default"}}"#,
        );
        assert_eq!(line(|out| capture_line(&record, "The body was changed.", out)), expected);
    }

    #[test]
    fn what_is_not_known_is_null_and_what_is_not_text_is_base64() {
        let record = samples::odd(b"P\xffST", "/\u{1b}]0;x\u{7}\u{202e}", &[b'{', 0xff], Some(Cut::Refused));
        let expected = concat!(
            r#"{"type":"capture","id":1,"received_at":"1970-01-01T00:00:00.000000Z","remote":"[::1]:9","http":"1.0","#,
            r#""method":{"base64":"UP9TVA=="},"target":"/\u001b]0;x\u0007\u202e","headers":[["X",{"base64":"/w=="}],["",""]],"#,
            r#""body":{"size":2,"base64":"e/8="},"complete":false,"cut":"refused","refusal":"a \u0000 in a header","#,
            r#""endpoint":null,"provider":null,"event":null,"delivery_id":null,"attempt":null,"#,
            r#""signature":null,"response":null}"#,
        );
        assert_eq!(line(|out| capture_line(&record, "ignored", out)), expected);
    }

    #[test]
    fn stale_and_weak_signatures_say_so() {
        let mut check = Check::bare(Verdict::Invalid(Code::TimestampTooOld));
        check.signed_ok = true;
        check.weak = Some("SHA-1".into());
        let signature = |check: &Check| {
            line(|out| {
                push_check(out, check, "x");
                out.push(b'\n');
            })
        };
        assert_eq!(
            signature(&check),
            r#"{"verdict":"invalid","code":"timestamp_too_old","scheme":null,"secret":null,"age_s":null,"explanation":"x","signed_ok":true,"weak":"SHA-1"}"#
        );
        check.verdict = Verdict::Valid;
        assert!(!signature(&check).contains("signed_ok"));
        assert!(signature(&check).contains(r#""verdict":"valid","code":null"#));
    }

    #[test]
    fn an_answer_that_was_not_sent_has_no_status() {
        let mut record = samples::stripe();
        record.answered = Some(Answered { status: 0, by: AnsweredBy::Refused });
        let line = line(|out| capture_line(&record, "", out));
        assert!(line.ends_with(r#""response":{"status":null,"by":"refused"}}"#), "{line}");
    }

    #[test]
    fn deliveries_have_the_promised_form() {
        let start =
            r#"{"type":"delivery","capture":1,"attempt":2,"kind":"forward","url":"http://localhost:3000/w","#;
        let (answered, failed, under_way) = samples::deliveries();
        assert_eq!(
            line(|out| delivery_line(&answered, out)),
            format!(
                r#"{start}"status":500,"ms":12,"error":null,"headers":[["X-A","1"],["x-a","\u009b"]],"body":{{"size":2,"text":"no","cut_from":99}}}}"#
            )
        );
        assert_eq!(
            line(|out| delivery_line(&failed, out)),
            format!(r#"{start}"status":null,"ms":1003,"error":"refused \u001b","headers":[],"body":null}}"#)
        );
        assert_eq!(
            line(|out| delivery_line(&under_way, out)),
            format!(r#"{start}"status":null,"ms":null,"error":null,"headers":[],"body":null}}"#)
        );
    }

    #[test]
    fn listening_and_lost_have_the_promised_form() {
        assert_eq!(
            line(|out| listening_line("http://127.0.0.1:7878", "0.1.0", out)),
            r#"{"type":"listening","url":"http://127.0.0.1:7878","version":"0.1.0"}"#
        );
        assert_eq!(
            line(|out| lost_line(3, "retention", out)),
            r#"{"type":"lost","count":3,"reason":"retention"}"#
        );
    }

    #[test]
    fn the_sender_cannot_break_out_of_its_line() {
        let record = samples::odd(b"POST", "/\u{2028}\u{85}", b"\r\n{\"type\":\"lost\"}\n", None);
        let mut out = Vec::new();
        capture_line(&record, "a\nb", &mut out);
        assert_eq!(out.iter().filter(|&&b| b == b'\n').count(), 1);
    }
}
