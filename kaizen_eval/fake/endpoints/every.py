"""Every endpoint, and the routes that lead to them."""

from __future__ import annotations

from kaizen_eval.fake.endpoints.chat import ChatEndpoint
from kaizen_eval.fake.endpoints.embeddings import EmbeddingsEndpoint
from kaizen_eval.fake.endpoints.models import ModelsEndpoint
from kaizen_eval.fake.endpoints.moderations import ModerationsEndpoint
from kaizen_eval.fake.endpoints.responses import CreateEndpoint, InputTokensEndpoint, StoredEndpoint
from kaizen_eval.fake.endpoints.routing import Route, Routes
from kaizen_eval.fake.endpoints.stored_responses import StoredResponses

__all__ = ["routes"]


def routes(responses: StoredResponses) -> Routes:
    """The routes of a service that remembers these responses."""
    models = ModelsEndpoint()
    return Routes(
        (
            Route("POST", "/chat/completions", ChatEndpoint()),
            Route("POST", "/responses", CreateEndpoint(responses)),
            Route("POST", "/responses/input_tokens", InputTokensEndpoint(responses)),
            Route("GET", "/responses/{}", StoredEndpoint(responses, "retrieve")),
            Route("DELETE", "/responses/{}", StoredEndpoint(responses, "delete")),
            Route("GET", "/responses/{}/input_items", StoredEndpoint(responses, "input_items")),
            Route("POST", "/responses/{}/cancel", StoredEndpoint(responses, "cancel")),
            Route("POST", "/embeddings", EmbeddingsEndpoint()),
            Route("POST", "/moderations", ModerationsEndpoint()),
            Route("GET", "/models", models),
            Route("GET", "/models/{}", models),
        )
    )
