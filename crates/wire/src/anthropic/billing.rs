//! What Claude Code says of itself among the instructions.

/// How the line begins, such as `x-anthropic-billing-header: cc_version=2.1.0; cch=36ee5;`.
const BILLING: &str = "x-anthropic-billing-header:";

/// Instructions without the line for Anthropic's accounting that Claude Code puts before them. It
/// is for no model, and differs from request to request, so a provider that keeps beginnings of
/// prompts would never find one again.
pub fn without_billing(text: &str) -> &str {
    match text.strip_prefix(BILLING) {
        Some(line) => line.split_once('\n').map_or("", |(_, rest)| rest),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_line_at_the_beginning_goes() {
        let line = "x-anthropic-billing-header: cc_version=2.1.0; cch=36ee5;";
        assert_eq!(without_billing(line), "");
        assert_eq!(without_billing(&format!("{line}\n")), "");
        assert_eq!(without_billing(&format!("{line}\nBe brief.\nBe kind.")), "Be brief.\nBe kind.");
        for kept in ["", "Be brief.", &format!("Be brief.\n{line}"), "x-anthropic-billing-headers"]
        {
            assert_eq!(without_billing(kept), kept);
        }
    }
}
