//! Weights as they stand in the graph.

/// A matrix of floats, row by row.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Matrix {
    pub(crate) rows: usize,
    pub(crate) columns: usize,
    pub(crate) values: Vec<f32>,
}

/// A matrix of small integers with a scale for each of its columns.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Quantized {
    pub(super) values: Vec<i8>,
    pub(super) scales: Vec<f32>,
}

/// How much of an 8-bit integer is used. Without VNNI, an x86 processor adds two products of a
/// multiplication in 16 bits: with 7 bits they always fit, with 8 they do not, and the result would
/// depend on the processor.
const PRODUCT_MAX: f32 = 63.0;
/// A table that is only looked up is never multiplied in integers.
const TABLE_MAX: f32 = 127.0;

impl Matrix {
    pub(crate) fn transposed(&self) -> Self {
        let mut values = Vec::with_capacity(self.values.len());
        for column in 0..self.columns {
            values.extend((0..self.rows).map(|row| self.values[row * self.columns + column]));
        }
        Self { rows: self.columns, columns: self.rows, values }
    }

    /// `self` and then `other`, side by side.
    pub(crate) fn beside(&self, other: &Self) -> Self {
        let mut values = Vec::with_capacity(self.values.len() + other.values.len());
        for row in 0..self.rows {
            values.extend_from_slice(&self.values[row * self.columns..][..self.columns]);
            values.extend_from_slice(&other.values[row * other.columns..][..other.columns]);
        }
        Self { rows: self.rows, columns: self.columns + other.columns, values }
    }

    /// The right side of a product in integers: each column has the scale of its largest value.
    pub(super) fn quantized_by_column(&self) -> Quantized {
        let columns = (0..self.columns).map(|column| self.values[column..].iter());
        let scales: Vec<f32> =
            columns.map(|values| scale(values.step_by(self.columns), PRODUCT_MAX)).collect();
        let values = self.values.chunks(self.columns);
        let values = values
            .flat_map(|row| row.iter().zip(&scales))
            .map(|(value, scale)| quantized(*value, *scale, PRODUCT_MAX))
            .collect();
        Quantized { values, scales }
    }

    /// A table of rows: each row has the scale of its largest value.
    pub(super) fn quantized_by_row(&self) -> Quantized {
        let mut scales = Vec::with_capacity(self.rows);
        let mut values = Vec::with_capacity(self.values.len());
        for row in self.values.chunks(self.columns) {
            let scale = scale(row.iter(), TABLE_MAX);
            scales.push(scale);
            values.extend(row.iter().map(|value| quantized(*value, scale, TABLE_MAX)));
        }
        Quantized { values, scales }
    }
}

/// The scale at which the largest of `values` becomes `max`.
fn scale<'a>(values: impl Iterator<Item = &'a f32>, max: f32) -> f32 {
    let largest = values.fold(0.0_f32, |largest, value| largest.max(value.abs()));
    if largest > 0.0 { largest / max } else { 1.0 }
}

#[expect(clippy::cast_possible_truncation, reason = "clamped to less than an i8 holds")]
fn quantized(value: f32, scale: f32, max: f32) -> i8 {
    (value / scale).round_ties_even().clamp(-max, max) as i8
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matrix(rows: usize, columns: usize, values: &[f32]) -> Matrix {
        Matrix { rows, columns, values: values.to_vec() }
    }

    #[test]
    fn columns_become_rows_and_stand_side_by_side() {
        let two_by_three = matrix(2, 3, &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
        let three_by_two = matrix(3, 2, &[1.0, 4.0, 2.0, 5.0, 3.0, 6.0]);
        assert_eq!(two_by_three.transposed(), three_by_two);
        let wide = matrix(2, 4, &[1.0, 2.0, 3.0, 7.0, 4.0, 5.0, 6.0, 8.0]);
        assert_eq!(two_by_three.beside(&matrix(2, 1, &[7.0, 8.0])), wide);
    }

    #[test]
    fn each_column_or_row_has_the_scale_of_its_largest_value() {
        // 2.5 and 3.5 lie between two integers: the even one.
        let weights = matrix(2, 4, &[63.0, -126.0, 0.0, 7.0, -2.5, 7.0, 0.0, -126.0]);
        let columns = weights.quantized_by_column();
        assert_eq!(columns.scales, [1.0, 2.0, 1.0, 2.0]);
        assert_eq!(columns.values, [63, -63, 0, 4, -2, 4, 0, -63]);

        let rows = matrix(2, 2, &[254.0, -1.0, 0.0, 0.0]).quantized_by_row();
        assert_eq!(rows.scales, [2.0, 1.0]);
        assert_eq!(rows.values, [127, 0, 0, 0]);
    }
}
