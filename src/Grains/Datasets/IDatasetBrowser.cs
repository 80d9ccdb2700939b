using MlTr.Abstractions.Datasets;

namespace MlTr.Grains.Datasets;

/// <summary>Looks into datasets for people. Implemented over the model's readers; safe to call from several threads.</summary>
public interface IDatasetBrowser
{
    /// <summary>Reads the labels of a folder that is to be registered.</summary>
    /// <returns>What it holds, or the problems in its records. Problems of the id are the caller's.</returns>
    DatasetCheck Check(DatasetRegistration registration);

    /// <summary>Counts over one split's labels.</summary>
    /// <exception cref="DatasetContentsException">There is no such split.</exception>
    SplitStatistics Count(DatasetSnapshot dataset, string split);

    /// <summary>Some of a split's pictures.</summary>
    /// <exception cref="DatasetContentsException">There is no such split.</exception>
    PicturePage List(DatasetSnapshot dataset, PictureQuery query);

    /// <summary>A small copy of one picture, its longer side at most so many pixels.</summary>
    /// <exception cref="DatasetContentsException">There is no such picture, or it cannot be decoded.</exception>
    PictureFile Thumbnail(DatasetSnapshot dataset, string split, int index, int side);
}
