// bitcore-message, which takes a string.
import Message from "bitcore-message";
import { serve, text } from "./serve.mjs";

await serve("bitcore-message", { "bitcoin.signed-message": ({ message }) => new Message(text(message)).magicHash() });
