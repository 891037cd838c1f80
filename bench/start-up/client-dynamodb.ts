// What every function that touches the ledger has to load: the client, made as its documentation shows, and
// three commands.
import { DynamoDBClient, GetItemCommand, PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';

export const client = new DynamoDBClient({});
export const commands = [GetItemCommand, PutItemCommand, UpdateItemCommand];
