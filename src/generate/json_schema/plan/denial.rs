//! What it takes for a schema not to hold, and whether it can't hold anyway.

use serde_json::Value;

use super::draft::{Draft, Fact};
use crate::generate::json_schema::number::Bounds;
use crate::generate::json_schema::schema::{Id, Lit, Schema, Schemas, Types};
use crate::generate::json_schema::text::{Asked, Texts};

/// Each set of facts with which a schema doesn't hold; what takes the fewest changes first.
pub(super) fn ways(schemas: &Schemas, id: Id) -> Vec<Vec<Fact>> {
    let schema = schemas.get(id);
    if schema.never {
        return vec![Vec::new()];
    }
    let mut ways = Vec::new();
    of_scalars(id, schema, &mut ways);
    of_objects(schemas, schema, &mut ways);
    of_arrays(schemas, schema, &mut ways);
    of_any(schema, &mut ways);
    if let Some(types) = schema.types {
        ways.push(vec![Fact::Only(!types)]);
    }
    ways
}

fn of_scalars(id: Id, schema: &Schema, ways: &mut Vec<Vec<Fact>>) {
    let text = |fact: Fact| vec![Fact::Only(Types::STRING), fact];
    if !schema.values.is_empty() {
        ways.push(vec![Fact::Exclude(id)]);
    }
    let number = |bounds: Bounds| vec![Fact::Only(Types::NUMBER), Fact::Number(bounds)];
    ways.extend(schema.number.denials().into_iter().map(number));
    if let Some(length) = schema.shortest.checked_sub(1) {
        ways.push(text(Fact::Longest(length)));
    }
    if let Some(length) = schema.longest {
        ways.push(text(Fact::Shortest(length.saturating_add(1))));
    }
    if schema.pattern.is_some() {
        ways.push(text(Fact::Mismatch(id)));
    }
}

fn of_objects(schemas: &Schemas, schema: &Schema, ways: &mut Vec<Vec<Fact>>) {
    let mut object = |facts: Vec<Fact>| {
        let only = std::iter::once(Fact::Only(Types::OBJECT));
        ways.push(only.chain(facts).collect());
    };
    for name in &schema.required {
        object(vec![Fact::Forbid(name.clone())]);
    }
    for (name, id) in schema.properties.iter().filter(|(_, id)| !schemas.is_anything(*id)) {
        object(vec![Fact::Field(name.clone(), Lit::no(*id))]);
    }
    for (pattern, id) in schema.patterns.iter().filter(|(_, id)| !schemas.is_anything(*id)) {
        let asked = Asked { with: vec![pattern.clone()], ..Default::default() };
        if let Some(texts) = Texts::of(&asked) {
            object(vec![Fact::Field(texts.smallest(), Lit::no(*id))]);
        }
    }
    if let Some(id) = schema.additional.or(schema.unevaluated).filter(|id| !schemas.is_anything(*id)) {
        let names = ["other", "x-other", "0", "OTHER"];
        if let Some(name) = names.into_iter().find(|name| !schema.speaks_of(name)) {
            object(vec![Fact::Field(name.to_owned(), Lit::no(id))]);
        }
    }
    if let Some(id) = schema.names {
        let names = ["other", "", "0", "OTHER", "a much longer name than others have", "-"];
        let refused = |name: &&str| !schemas.fits(id, &Value::from(*name), 0);
        if let Some(name) = names.into_iter().find(refused) {
            object(vec![Fact::Require(name.to_owned())]);
        }
    }
    for (name, wanted) in &schema.needs {
        for wanted in wanted {
            object(vec![Fact::Require(name.clone()), Fact::Forbid(wanted.clone())]);
        }
    }
    for (name, id) in &schema.dependent {
        object(vec![Fact::Require(name.clone()), Fact::Hold(Lit::no(*id))]);
    }
    if let Some(count) = schema.least_fields.checked_sub(1) {
        object(vec![Fact::MostFields(count)]);
    }
    if let Some(count) = schema.most_fields {
        object(vec![Fact::LeastFields(count.saturating_add(1))]);
    }
}

fn of_arrays(schemas: &Schemas, schema: &Schema, ways: &mut Vec<Vec<Fact>>) {
    let mut array = |fact: Fact| ways.push(vec![Fact::Only(Types::ARRAY), fact]);
    let said = |id: &Id| !schemas.is_anything(*id);
    for (at, id) in schema.first.iter().enumerate().filter(|(_, id)| said(id)) {
        array(Fact::Item(at, Lit::no(*id)));
    }
    if let Some(id) = schema.rest.or(schema.unevaluated_items).filter(said) {
        array(if schema.first.is_empty() {
            Fact::Contains(Lit::no(id), 1, None)
        } else {
            Fact::Item(schema.first.len(), Lit::no(id))
        });
    }
    if let Some((id, count, most)) = schema.contains {
        if let Some(fewer) = count.checked_sub(1) {
            array(Fact::Contains(Lit::yes(id), 0, Some(fewer)));
        }
        if let Some(most) = most {
            array(Fact::Contains(Lit::yes(id), most.saturating_add(1), None));
        }
    }
    if let Some(count) = schema.least_items.checked_sub(1) {
        array(Fact::MostItems(count));
    }
    if let Some(count) = schema.most_items {
        array(Fact::LeastItems(count.saturating_add(1)));
    }
    if schema.unique {
        array(Fact::Repeats);
    }
}

fn of_any(schema: &Schema, ways: &mut Vec<Vec<Fact>>) {
    let no = |id: &Id| Fact::Hold(Lit::no(*id));
    let yes = |id: &Id| Fact::Hold(Lit::yes(*id));
    ways.extend(schema.all.iter().map(|id| vec![no(id)]));
    ways.extend(schema.any.iter().map(|any| any.iter().map(no).collect()));
    if let Some(one) = &schema.one {
        ways.push(one.iter().map(no).collect());
        // Or two hold.
        let pairs =
            one.iter().enumerate().flat_map(|(at, first)| one.iter().skip(at + 1).map(move |other| [first, other]));
        ways.extend(pairs.take(10).map(|pair| pair.into_iter().map(yes).collect()));
    }
    ways.extend(schema.not.iter().map(|id| vec![yes(id)]));
    if let Some(case) = schema.case {
        ways.extend(case.then.iter().map(|then| vec![yes(&case.asked), no(then)]));
        ways.extend(case.otherwise.iter().map(|otherwise| vec![no(&case.asked), no(otherwise)]));
    }
}

/// Whether a schema can't hold of what is as far known as this.
pub(super) fn is_refuted(schemas: &Schemas, draft: &Draft, id: Id, depth: usize) -> bool {
    /// What is deeper is not looked at.
    const DEEPEST: usize = 8;
    if depth > DEEPEST {
        return false;
    }
    let schema = schemas.get(id);
    if schema.never || draft.lits.contains(&Lit::no(id)) && depth > 0 {
        return true;
    }
    if schema.types.is_some_and(|types| !types.meets(draft.types)) {
        return true;
    }
    if let Some(values) = &draft.values
        && !values.iter().any(|value| schemas.fits(id, value, 0))
    {
        return true;
    }
    let same = |id: &Id| is_refuted(schemas, draft, *id, depth + 1);
    if schema.all.iter().any(same)
        || schema.any.as_ref().is_some_and(|any| any.iter().all(same))
        || schema
            .one
            .as_ref()
            .is_some_and(|one| one.iter().all(same) || one.iter().filter(|id| schemas.is_anything(**id)).count() > 1)
    {
        return true;
    }
    let is_all = |types: Types| !draft.types.meets(!types);
    if is_all(Types::NUMBER) {
        let mut both = draft.number.clone();
        both.and(&schema.number);
        return both.is_empty();
    }
    if is_all(Types::STRING) {
        return schema.longest.is_some_and(|longest| longest < draft.text.shortest)
            || draft.text.longest.is_some_and(|longest| longest < schema.shortest)
            || schema
                .pattern
                .as_ref()
                .is_some_and(|pattern| draft.text.without.iter().any(|known| known.text() == pattern.text()));
    }
    is_all(Types::OBJECT) && is_refuted_object(schemas, draft, schema, depth)
}

fn is_refuted_object(schemas: &Schemas, draft: &Draft, schema: &Schema, depth: usize) -> bool {
    if schema.required.iter().any(|name| draft.forbidden.contains(name))
        || draft.most_fields.is_some_and(|most| most < schema.least_fields)
        || schema.most_fields.is_some_and(|most| most < draft.least_fields)
    {
        return true;
    }
    let is_closed = schema.additional.is_some_and(|id| schemas.get(id).never);
    if is_closed && draft.required.iter().any(|name| !schema.speaks_of(name)) {
        return true;
    }
    // A field that has to be there can't be as it says, or one that it asks for can't be.
    let field = |name: &String| draft.field(schemas, name);
    if schema.required.iter().any(|name| field(name).is_none()) {
        return true;
    }
    schema.properties.iter().any(|(name, id)| {
        draft.required.contains(name)
            && field(name)
                .and_then(|lits| Draft::of(schemas, lits))
                .is_none_or(|inner| is_refuted(schemas, &inner, *id, depth + 1))
    })
}
