"""The OpenAI SDK as its documentation shows it; with the argument `stream`, as a stream."""

import sys

from openai import OpenAI

client = OpenAI()
question = {"model": "gpt-4o", "messages": [{"role": "user", "content": "What is the capital of France?"}]}
if "stream" in sys.argv:
    for chunk in client.chat.completions.create(**question, stream=True):
        for choice in chunk.choices:
            print(choice.delta.content or "", end="")
else:
    print(client.chat.completions.create(**question).choices[0].message.content)
