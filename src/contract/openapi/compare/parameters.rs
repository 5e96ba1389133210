//! Parameters of a request: the client writes them by its contract, the server reads them by its own.

use super::crossing::Crossing;
use super::judge::{Judge, Judged};
use crate::contract::Comparison;
use crate::contract::openapi::read::{Parameter, Style};
use crate::contract::openapi::rules::{parameter_required, parameter_style_changed, parameter_unknown};
use crate::contract::openapi::schema::Mode;

/// Compares all parameters.
pub(super) fn compare_parameters<'a>(crossing: &Crossing<'_, 'a>, judge: &mut Judge<'a>, comparison: &mut Comparison) {
    let (sent, read) = (&crossing.caller.operation.parameters, &crossing.answerer.operation.parameters);
    let mut hits = Vec::new();
    for parameter in read {
        hits.extend(parameter_required::check(crossing, same(sent, parameter), parameter));
    }
    for parameter in sent {
        let Some(wanted) = same(read, parameter) else {
            hits.push(parameter_unknown::check(crossing, parameter));
            continue;
        };
        let is_single = judge.is_single(crossing.caller.side, parameter.schema.as_ref())
            && judge.is_single(crossing.answerer.side, wanted.schema.as_ref());
        if !parameter.is_declared && judge.takes_any_text(crossing.answerer.side, wanted.schema.as_ref()) {
            continue;
        }
        if parameter.is_declared
            && wanted.is_declared
            && let Some(hit) = parameter_style_changed::check(crossing, parameter, wanted, is_single)
        {
            hits.push(hit);
            continue;
        }
        let judged = Judged {
            writer: (&crossing.caller, parameter.schema.as_ref(), &parameter.node),
            reader: (&crossing.answerer, wanted.schema.as_ref(), &wanted.node),
            at: parameter.at(),
            mode: Mode::Request,
            is_text: matches!(parameter.style, Style::Plain(..)),
        };
        judge.compare(crossing, &judged, comparison);
    }
    comparison.differences.extend(hits.into_iter().map(|hit| crossing.tell(hit)));
}

fn same<'p, 'a>(parameters: &'p [Parameter<'a>], wanted: &Parameter<'_>) -> Option<&'p Parameter<'a>> {
    parameters.iter().find(|parameter| parameter.location == wanted.location && parameter.name == wanted.name)
}
