//! The text that is the input of a custom tool, and the JSON object that it is elsewhere.

use serde_json::{Value, json};

/// The one parameter of the function that stands for a custom tool.
const PARAMETER: &str = "input";

/// The JSON schema of the function's arguments.
pub(super) fn schema() -> Value {
    json!({
        "type": "object",
        "properties": {PARAMETER: {"type": "string"}},
        "required": [PARAMETER],
        "additionalProperties": false,
    })
}

/// The function's arguments.
pub(super) fn arguments(input: &str) -> Value {
    json!({PARAMETER: input})
}

/// Takes the input out of the arguments as their fragments come. Arguments of another form are given
/// as the model wrote them once they are whole.
#[derive(Debug, Default)]
pub(super) struct CustomInput {
    /// The arguments up to where the input begins; all of them where it does not.
    head: String,
    is_inside: bool,
    is_over: bool,
    /// What follows a backslash, so far.
    escape: Option<String>,
    /// Escaped UTF-16 that may be half of a character.
    units: Vec<u16>,
}

impl CustomInput {
    /// What a fragment adds to the input.
    pub(super) fn push(&mut self, fragment: &str) -> String {
        let mut input = String::new();
        if self.is_inside {
            self.read(fragment, &mut input);
            return input;
        }
        self.head.push_str(fragment);
        let head = std::mem::take(&mut self.head);
        match begun(&head) {
            Some(rest) => {
                self.is_inside = true;
                self.read(rest, &mut input);
            }
            None => self.head = head,
        }
        input
    }

    /// What the end adds to the input.
    pub(super) fn finish(&mut self) -> String {
        let mut rest = std::mem::take(&mut self.head);
        if let Ok(Value::Object(mut arguments)) = serde_json::from_str(&rest)
            && let Some(Value::String(input)) = arguments.remove(PARAMETER)
        {
            rest = input;
        }
        self.flush(&mut rest);
        rest
    }

    fn read(&mut self, text: &str, input: &mut String) {
        for character in text.chars() {
            match &mut self.escape {
                _ if self.is_over => return,
                Some(escape) => {
                    escape.push(character);
                    self.unescape(input);
                }
                None if character == '\\' => self.escape = Some(String::new()),
                None => {
                    self.flush(input);
                    self.is_over = character == '"';
                    input.extend((!self.is_over).then_some(character));
                }
            }
        }
    }

    /// Takes the escape where it is whole.
    fn unescape(&mut self, input: &mut String) {
        let Some(escape) = self.escape.take_if(|text| !text.starts_with('u') || text.len() > 4)
        else {
            return;
        };
        let digits = escape.strip_prefix('u');
        if let Some(unit) = digits.and_then(|digits| u16::from_str_radix(digits, 16).ok()) {
            self.units.push(unit);
            if !(0xD800..0xDC00).contains(&unit) {
                self.flush(input);
            }
            return;
        }
        self.flush(input);
        match serde_json::from_str::<String>(&format!(r#""\{escape}""#)) {
            Ok(character) => input.push_str(&character),
            // No escape of JSON: the model meant the backslash.
            Err(_) => input.extend(["\\", &escape]),
        }
    }

    fn flush(&mut self, input: &mut String) {
        input.push_str(&String::from_utf16_lossy(&self.units));
        self.units.clear();
    }
}

/// What follows the beginning of the input, where the arguments begin with it.
fn begun(arguments: &str) -> Option<&str> {
    let inside = arguments.trim_start().strip_prefix('{')?.trim_start();
    let after = inside.strip_prefix('"')?.strip_prefix(PARAMETER)?.strip_prefix('"')?;
    after.trim_start().strip_prefix(':')?.trim_start().strip_prefix('"')
}

#[cfg(test)]
mod tests;
