//! Abbreviations whose full stop ends no sentence.

/// The longest one, without its last full stop.
pub(super) const BYTES_MAX: usize = 8;

/// Whether a sentence goes on behind `token` and a full stop, when `next` is the next byte that is
/// no white space.
pub(super) fn goes_on(token: &[u8], next: u8) -> bool {
    match token {
        // An initial, but not the pronoun.
        [letter] if letter.is_ascii_uppercase() && *letter != b'I' => return true,
        [] => return false,
        _ if token.len() > BYTES_MAX => return false,
        _ => {}
    }
    let mut lower = [0; BYTES_MAX];
    let lower = &mut lower[..token.len()];
    lower.copy_from_slice(token);
    lower.make_ascii_lowercase();
    match &*lower {
        b"e.g" | b"eg" | b"i.e" | b"ie" | b"cf" | b"vs" | b"viz" | b"resp" | b"approx" | b"ca"
        | b"al" | b"dr" | b"mr" | b"mrs" | b"ms" | b"prof" | b"st" | b"gen" | b"rev" | b"hon"
        | b"capt" | b"sgt" | b"messrs" | b"incl" | b"esp" | b"w.r.t" | b"a.k.a" | b"z.b"
        | b"d.h" | b"bzw" | b"usw" | b"ggf" | b"bspw" => true,
        // Words of their own unless a number follows.
        b"no" | b"nos" | b"nr" | b"fig" | b"figs" | b"eq" | b"eqs" | b"sec" | b"sect" | b"ch"
        | b"chap" | b"vol" | b"p" | b"pp" | b"ed" | b"art" | b"ver" | b"v" | b"jan" | b"feb"
        | b"mar" | b"apr" | b"jun" | b"jul" | b"aug" | b"sep" | b"sept" | b"oct" | b"nov"
        | b"dec" => next.is_ascii_digit(),
        _ => false,
    }
}
