// What every function that touches S3 has to load: the client, made as its documentation shows, and four
// commands.
import {
  CopyObjectCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';

export const client = new S3Client({});
export const commands = [HeadObjectCommand, GetObjectCommand, CopyObjectCommand, DeleteObjectCommand];
