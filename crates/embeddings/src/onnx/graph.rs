//! A graph as it is written, operator by operator.

use prost::Message;

use super::proto::{
    Attribute, AttributeKind, Dimension, DimensionValue, Element, Graph, Model, Node, OperatorSet,
    Shape, Tensor, TensorType, Type, ValueInfo,
};

/// The version of the file format and of the operators; what ONNX Runtime 1.18 and newer read.
const IR_VERSION: i64 = 10;
const OPSET: i64 = 20;

/// The name of a value in the graph: an input, a constant or what an operator gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Value(String);

/// Collects operators and constants in the order in which they are asked for.
#[derive(Default)]
pub(super) struct Builder {
    graph: Graph,
}

/// One dimension of an input or output.
pub(super) enum Size {
    Fixed(i64),
    Named(&'static str),
}

impl Builder {
    /// A value that whoever runs the graph supplies.
    pub(super) fn input(&mut self, name: &str, element: Element, shape: &[Size]) -> Value {
        self.graph.input.push(value_info(name, element, shape));
        Value(name.to_owned())
    }

    /// Gives `value` to whoever runs the graph, under `name`.
    pub(super) fn output(&mut self, value: &Value, name: &str, element: Element, shape: &[Size]) {
        self.push("Identity", std::slice::from_ref(value), vec![name.to_owned()], vec![]);
        self.graph.output.push(value_info(name, element, shape));
    }

    pub(super) fn floats(&mut self, name: &str, dims: &[usize], values: &[f32]) -> Value {
        let bytes = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.constant(name, Element::Float, dims, bytes)
    }

    pub(super) fn bytes(&mut self, name: &str, dims: &[usize], values: &[i8]) -> Value {
        let bytes = values.iter().map(|value| value.cast_unsigned()).collect();
        self.constant(name, Element::Int8, dims, bytes)
    }

    pub(super) fn integers(&mut self, name: &str, values: &[i64]) -> Value {
        let bytes = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.constant(name, Element::Int64, &[values.len()], bytes)
    }

    fn constant(&mut self, name: &str, element: Element, dims: &[usize], bytes: Vec<u8>) -> Value {
        let dims = dims.iter().map(|size| size.cast_signed() as i64).collect();
        let data_type = element.into();
        self.graph.initializer.push(Tensor {
            dims,
            data_type,
            name: name.to_owned(),
            raw_data: bytes,
        });
        Value(name.to_owned())
    }

    /// An operator with one output.
    pub(super) fn apply(
        &mut self,
        operator: &str,
        inputs: &[Value],
        attributes: Vec<Attribute>,
    ) -> Value {
        let [output] = self.apply_many(operator, inputs, attributes);
        output
    }

    /// An operator with `N` outputs.
    pub(super) fn apply_many<const N: usize>(
        &mut self,
        operator: &str,
        inputs: &[Value],
        attributes: Vec<Attribute>,
    ) -> [Value; N] {
        let number = self.graph.node.len();
        let names = std::array::from_fn(|output| Value(format!("{operator}_{number}_{output}")));
        let outputs = names.iter().map(|name| name.0.clone()).collect();
        self.push(operator, inputs, outputs, attributes);
        names
    }

    fn push(
        &mut self,
        operator: &str,
        inputs: &[Value],
        outputs: Vec<String>,
        attributes: Vec<Attribute>,
    ) {
        self.graph.node.push(Node {
            input: inputs.iter().map(|value| value.0.clone()).collect(),
            output: outputs,
            name: format!("{operator}_{}", self.graph.node.len()),
            op_type: operator.to_owned(),
            attribute: attributes,
        });
    }

    /// The file.
    pub(super) fn finish(mut self, name: &str) -> Vec<u8> {
        name.clone_into(&mut self.graph.name);
        let model = Model {
            ir_version: IR_VERSION,
            producer_name: "forebay".to_owned(),
            graph: Some(self.graph),
            opset_import: vec![OperatorSet { domain: String::new(), version: OPSET }],
        };
        model.encode_to_vec()
    }
}

/// An attribute that is an integer.
pub(super) fn integer(name: &str, value: i64) -> Attribute {
    let r#type = AttributeKind::Int.into();
    Attribute { name: name.to_owned(), i: Some(value), r#type, ..Attribute::default() }
}

/// An attribute that is a list of integers.
pub(super) fn integers(name: &str, values: &[i64]) -> Attribute {
    let r#type = AttributeKind::Ints.into();
    Attribute { name: name.to_owned(), ints: values.to_vec(), r#type, ..Attribute::default() }
}

/// An attribute that is a float.
pub(super) fn float(name: &str, value: f32) -> Attribute {
    let r#type = AttributeKind::Float.into();
    Attribute { name: name.to_owned(), f: Some(value), r#type, ..Attribute::default() }
}

fn value_info(name: &str, element: Element, shape: &[Size]) -> ValueInfo {
    let dim = shape
        .iter()
        .map(|size| match size {
            Size::Fixed(size) => DimensionValue::Fixed(*size),
            Size::Named(name) => DimensionValue::Named((*name).to_owned()),
        })
        .map(|value| Dimension { value: Some(value) })
        .collect();
    let tensor_type = TensorType { elem_type: element.into(), shape: Some(Shape { dim }) };
    ValueInfo { name: name.to_owned(), r#type: Some(Type { tensor_type: Some(tensor_type) }) }
}
