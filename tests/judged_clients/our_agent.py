"""Our own provider, under an agent."""

from kaizen_eval import AgentConfig, BaseAgent, InputField, OutputField, Signature


class Question(Signature):
    """Answer the question."""

    question: str = InputField()
    answer: str = OutputField()


agent = BaseAgent(AgentConfig(model="gpt-4o"), signature=Question)
print(agent.run(question="What is the capital of France?")["answer"])
