import ObjectStorage
import S3Wire
