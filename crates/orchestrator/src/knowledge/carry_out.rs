//! Doing it, on a thread that may block.

use std::io::{BufReader, BufWriter, Cursor};
use std::path::Path;

use ::knowledge::{
    Answer, Confidence, Draft, ExtractionPrompt, ItemId, LearnFormat, Material, Passage, Query,
    Source, Validity, Weights,
};
use fs_err::File;
use types::{Clock, TenantId};

use super::language_model::LanguageModel;
use super::{KnowledgeAction, KnowledgeOutcome, NewItem, NewMaterial};
use crate::{Error, KnowledgeBase, KnowledgeError};

/// Where somebody's wishes about knowledge are carried out.
pub(super) struct Desk<'a> {
    pub(super) base: &'a KnowledgeBase,
    pub(super) tenant: &'a TenantId,
    pub(super) clock: &'a Clock,
    pub(super) weights: &'a Weights,
    pub(super) answers: Option<LanguageModel<'a>>,
    pub(super) extracts: Option<LanguageModel<'a>>,
    pub(super) classifies: Option<LanguageModel<'a>>,
    pub(super) confidence_min: Confidence,
}

impl Desk<'_> {
    pub(super) fn carry_out(&self, action: KnowledgeAction) -> Result<KnowledgeOutcome, Error> {
        let (base, tenant) = (self.base, self.tenant);
        Ok(match action {
            KnowledgeAction::LearnFiles { paths, project } => {
                let extract =
                    |passages: &[Passage], origin: &Source| self.extract(passages, origin);
                let files = base.learn_files(tenant, &paths, project.as_ref(), &extract)?;
                KnowledgeOutcome::Learned(files)
            }
            KnowledgeAction::Learn(material) => self.learn(material)?,
            KnowledgeAction::Search(query) => KnowledgeOutcome::Found {
                by_meaning: base.finds_meaning(),
                hits: base.search(tenant, &query, self.weights)?,
            },
            KnowledgeAction::Ask(query) => self.ask(&query)?,
            KnowledgeAction::Classify { texts, labels } => self.classify(&texts, &labels)?,
            KnowledgeAction::Embed { texts } => {
                let (model, vectors) = base.embed(texts)?;
                KnowledgeOutcome::Embedded { model, vectors }
            }
            KnowledgeAction::List { filter, skip, limit } => {
                KnowledgeOutcome::Items { items: base.list(tenant, &filter, skip, limit)? }
            }
            KnowledgeAction::Show { ids } => {
                let shown = ids.into_iter().map(|id| base.show(tenant, id));
                KnowledgeOutcome::Shown { items: shown.collect::<Result<_, _>>()? }
            }
            KnowledgeAction::Add(new) => {
                KnowledgeOutcome::Added(base.add(tenant, self.draft(new))?.into())
            }
            KnowledgeAction::Edit { id, content } => {
                self.change(id, |draft| Ok(Draft { content, ..draft }))?
            }
            KnowledgeAction::Confirm { id } => {
                KnowledgeOutcome::Changed { item: base.confirm(tenant, id)? }
            }
            KnowledgeAction::Invalidate { id } => {
                let now = self.clock.now();
                self.change(id, |draft| {
                    let from = draft.validity.from().min(now);
                    Ok(Draft { validity: Validity::between(from, now)?, ..draft })
                })?
            }
            KnowledgeAction::Forget { id } => {
                KnowledgeOutcome::Changed { item: base.forget(tenant, id)? }
            }
            KnowledgeAction::Export { target } => self.export(&target)?,
            KnowledgeAction::Import { source } => {
                let file = File::open(source).map_err(KnowledgeError::file("open the import"))?;
                KnowledgeOutcome::Imported(base.import(tenant, &mut BufReader::new(file))?)
            }
            KnowledgeAction::RebuildIndex => {
                let (texts, vectors) = base.rebuild_indexes()?;
                KnowledgeOutcome::Rebuilt { texts, vectors }
            }
        })
    }

    fn learn(&self, new: NewMaterial) -> Result<KnowledgeOutcome, Error> {
        let NewMaterial { name, text, format, project } = new;
        let format = format.unwrap_or_else(|| LearnFormat::detect(&name, &text));
        let material = Material { name, format, project, seen_at: self.clock.now() };
        let extract = |passages: &[Passage], origin: &Source| self.extract(passages, origin);
        let learned = self.base.learn(self.tenant, Cursor::new(text), material, &extract)?;
        Ok(KnowledgeOutcome::Learned(learned))
    }

    /// What a model finds in passages; nothing where none is configured.
    fn extract(&self, passages: &[Passage], origin: &Source) -> Result<Vec<Draft>, Error> {
        let Some(model) = &self.extracts else { return Ok(Vec::new()) };
        let prompt = ExtractionPrompt::new(passages);
        let answer = model.ask(&prompt.prompt())?;
        Ok(prompt.drafts(&answer, origin).map_err(KnowledgeError::from)?)
    }

    fn ask(&self, query: &Query) -> Result<KnowledgeOutcome, Error> {
        let hits = self.base.search(self.tenant, query, self.weights)?;
        let written = match &self.answers {
            Some(model) if !hits.is_empty() => {
                let answer = model.ask(&Answer::prompt(&query.text, &hits));
                Some(answer.and_then(|answer| {
                    Ok(Answer::read(&answer, &hits).map_err(KnowledgeError::from)?)
                }))
            }
            Some(_) | None => None,
        };
        Ok(match written {
            Some(Ok(answer)) => {
                let (answer, model_failure) = (Some(answer), None);
                KnowledgeOutcome::Answered { answer, by_model: true, model_failure, hits }
            }
            // What was found is worth telling all the same, and the failure is told beside it.
            other => {
                let answer = Answer::extract(&query.text, &hits);
                let model_failure = other.and_then(Result::err).map(|error| error.told());
                KnowledgeOutcome::Answered { answer, by_model: false, model_failure, hits }
            }
        })
    }

    fn draft(&self, new: NewItem) -> Draft {
        let NewItem { content, kind, title, intent, project, confidence, source } = new;
        let draft = Draft::new(content, self.by_hand(source));
        Draft { kind, title, intent, project, confidence, ..draft }
    }

    fn by_hand(&self, name: String) -> Source {
        Source { name, line: 0, section: String::new(), seen_at: self.clock.now() }
    }

    /// Puts a changed draft in the place of what an item says.
    fn change(
        &self,
        id: ItemId,
        change: impl FnOnce(Draft) -> Result<Draft, ::knowledge::Error>,
    ) -> Result<KnowledgeOutcome, Error> {
        let item = self.base.show(self.tenant, id)?.item;
        let draft = Draft {
            kind: item.kind,
            project: item.project,
            intent: item.intent,
            title: item.title,
            content: item.content,
            confidence: item.confidence,
            validity: item.validity,
            source: self.by_hand("edited by hand".to_owned()),
        };
        let draft = change(draft).map_err(KnowledgeError::from)?;
        Ok(KnowledgeOutcome::Changed { item: self.base.edit(self.tenant, id, draft)? })
    }

    /// Writes beside the target and gives it its name at the end, so that there is never half of it.
    fn export(&self, target: &Path) -> Result<KnowledgeOutcome, Error> {
        if target.exists() {
            return Err(KnowledgeError::Exists { path: target.to_owned() }.into());
        }
        let failed = KnowledgeError::file("write the export");
        let incoming = target.with_extension("incoming");
        let file = File::create(&incoming).map_err(&failed)?;
        let mut file = BufWriter::new(file);
        let items = self.base.export(self.tenant, &mut file)?;
        let file = file.into_inner().map_err(|error| failed(error.into_error()))?;
        file.sync_all().and_then(|()| fs_err::rename(&incoming, target)).map_err(&failed)?;
        Ok(KnowledgeOutcome::Exported { items })
    }
}
