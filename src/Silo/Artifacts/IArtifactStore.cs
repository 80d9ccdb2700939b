namespace MlTr.Silo.Artifacts;

/// <summary>Keeps finished files where every machine of a cluster reaches them. Names are parted by slashes, as <c>trials/s1/3/weights</c>.</summary>
internal interface IArtifactStore
{
    /// <summary>Finds out now whether it can be used.</summary>
    /// <exception cref="ArtifactStoreException">It cannot.</exception>
    void EnsureReady();

    /// <summary>Keeps a copy of a file; who reads it meanwhile gets the whole one that was there before, or none.</summary>
    /// <exception cref="ArtifactStoreException">It is not kept.</exception>
    void Put(string name, string path);

    /// <summary>Copies it to a path, whose folder there is.</summary>
    /// <returns>False if there is none of that name.</returns>
    /// <exception cref="ArtifactStoreException">It cannot be read.</exception>
    bool TryGet(string name, string path);

    /// <summary>Everything under a folder, at any depth, by name; everything at all under the empty one.</summary>
    /// <exception cref="ArtifactStoreException">It cannot be read.</exception>
    IReadOnlyList<Artifact> List(string folder);

    /// <summary>Deletes everything under a folder; nothing is fine.</summary>
    /// <exception cref="ArtifactStoreException">Something of it may still be there.</exception>
    void Delete(string folder);
}

/// <summary>A file that is kept.</summary>
internal sealed record Artifact(string Name, long Bytes);

/// <summary>The store cannot do what is asked now; the message says why.</summary>
internal sealed class ArtifactStoreException(string message, Exception? cause = null) : IOException(message, cause);
