//! The tools over what the team knows.

use orchestrator::{KnowledgeAction, KnowledgeOutcome};

use super::arguments::{Add, Ask, Classify, Get, Learn, Search, Update};
use super::failure::Failure;
use super::results::{
    Added, Answered, Classified, Found, FoundItem, Known, KnownItem, Learned, Updated,
};
use super::tool_server::ToolServer;

impl ToolServer {
    pub(super) async fn knowledge_search(&self, asked: Search) -> Result<Found, Failure> {
        let query = asked.query(self.now(), self.home())?;
        let outcome = self.know(KnowledgeAction::Search(query)).await?;
        let KnowledgeOutcome::Found { by_meaning, hits } = outcome else {
            return Err(Failure::Mismatch);
        };
        let now = self.now();
        let hits = hits.into_iter().map(|hit| FoundItem::new(hit, now)).collect();
        Ok(Found { by_meaning, hits })
    }

    pub(super) async fn knowledge_get(&self, asked: Get) -> Result<Known, Failure> {
        let outcome = self.know(asked.action()?).await?;
        let KnowledgeOutcome::Shown { items } = outcome else { return Err(Failure::Mismatch) };
        let now = self.now();
        Ok(Known { items: items.into_iter().map(|item| KnownItem::new(item, now)).collect() })
    }

    pub(super) async fn knowledge_add(&self, new: Add) -> Result<Added, Failure> {
        let outcome = self.know(new.action(self.home())?).await?;
        let KnowledgeOutcome::Added(added) = outcome else { return Err(Failure::Mismatch) };
        Ok(added.into())
    }

    pub(super) async fn knowledge_update(&self, update: Update) -> Result<Updated, Failure> {
        let outcome = self.know(update.action()?).await?;
        let KnowledgeOutcome::Changed { item } = outcome else { return Err(Failure::Mismatch) };
        Ok(Updated { item: KnownItem::alone(item, self.now()) })
    }

    pub(super) async fn ask(&self, asked: Ask) -> Result<Answered, Failure> {
        let outcome = self.know(KnowledgeAction::Ask(asked.query(self.home())?)).await?;
        let KnowledgeOutcome::Answered { answer, by_model, model_failure, hits } = outcome else {
            return Err(Failure::Mismatch);
        };
        let now = self.now();
        let (answer, cited) =
            answer.map_or((None, Vec::new()), |answer| (Some(answer.text), answer.citations));
        let hit_of = |id| hits.iter().find(|hit| hit.item.id == id).cloned();
        let citations = cited.into_iter().filter_map(hit_of);
        let citations = citations.map(|hit| FoundItem::new(hit, now)).collect();
        Ok(Answered { answer, citations, by_model, model_failure })
    }

    pub(super) async fn learn(&self, material: Learn) -> Result<Learned, Failure> {
        let outcome = self.know(material.action(self.home())?).await?;
        let KnowledgeOutcome::Learned(learned) = outcome else { return Err(Failure::Mismatch) };
        Ok(learned.into())
    }

    pub(super) async fn classify(&self, asked: Classify) -> Result<Classified, Failure> {
        let outcome = self.know(asked.action()?).await?;
        let KnowledgeOutcome::Classified { results, model_failure } = outcome else {
            return Err(Failure::Mismatch);
        };
        Ok(Classified { results: results.into_iter().map(Into::into).collect(), model_failure })
    }

    async fn know(&self, action: KnowledgeAction) -> Result<KnowledgeOutcome, Failure> {
        Ok(self.gateway.know(self.principal.clone(), action).await?)
    }
}
