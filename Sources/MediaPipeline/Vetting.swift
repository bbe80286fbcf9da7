import Codecs

extension MediaPipeline {
    /// Looks a file over before it is taken: its header, whether it is whole by its structure, and whether its render can
    /// ever have the memory it needs. Decodes no pixel. Blocks the calling thread, for as long as it takes to walk the file.
    ///
    /// - Throws: `CodecError`.
    public func vet(path: String) throws(CodecError) -> ImageInfo {
        let info = try probe(path: path)
        let needed = plan(info).estimatedBytes
        guard needed <= settings.memoryBudget else { throw .overMemoryBudget(needed: needed, allowed: settings.memoryBudget) }
        try FileStructure.check(try ImageFile(path: path), info: info)
        return info
    }
}
