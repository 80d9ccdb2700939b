using System.Globalization;
using System.Text.Json;

namespace MlTr.Model.Data.Marks;

/// <summary>Writes the marks of a split as MS-COCO instances, ids with gaps as in the original.</summary>
internal static class MarksAnnotations
{
    public static string FileName(int index) => string.Create(CultureInfo.InvariantCulture, $"{index:D6}.png");

    public static void Write(string path, MarksPreset preset, MarksSplit split, IReadOnlyList<List<Mark>> pictures)
    {
        using var file = File.Create(path);
        using var json = new Utf8JsonWriter(file);
        json.WriteStartObject();
        WriteInfo(json, preset, split);
        json.WriteStartArray("images");
        for (var i = 0; i < pictures.Count; i++)
        {
            json.WriteStartObject();
            json.WriteNumber("id", ImageId(i));
            json.WriteString("file_name", FileName(i));
            json.WriteNumber("width", preset.ImageSize);
            json.WriteNumber("height", preset.ImageSize);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("annotations");
        var id = 0;
        for (var i = 0; i < pictures.Count; i++)
        {
            foreach (var mark in pictures[i])
            {
                json.WriteStartObject();
                json.WriteNumber("id", 10 + (3 * id++));
                json.WriteNumber("image_id", ImageId(i));
                json.WriteNumber("category_id", CategoryId(mark.Class));
                json.WriteNumber("iscrowd", 0);
                json.WriteNumber("area", mark.Area);
                json.WriteStartArray("bbox");
                foreach (var side in (ReadOnlySpan<double>)[mark.X, mark.Y, mark.Width, mark.Height])
                {
                    json.WriteNumberValue(side);
                }

                json.WriteEndArray();
                json.WriteEndObject();
            }
        }

        json.WriteEndArray();
        json.WriteStartArray("categories");
        for (var k = 0; k < preset.NumClasses; k++)
        {
            json.WriteStartObject();
            json.WriteNumber("id", CategoryId(k));
            json.WriteString("name", preset.Classes[k]);
            json.WriteString("supercategory", "mark");
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteInfo(Utf8JsonWriter json, MarksPreset preset, MarksSplit split)
    {
        json.WriteStartObject("info");
        json.WriteString("description", $"{preset.Name} {MarksPreset.FolderOf(split)}");
        json.WriteStartObject("mltr");
        json.WriteStartArray("size_limits");
        json.WriteNumberValue(preset.SizeLimits.Medium);
        json.WriteNumberValue(preset.SizeLimits.Large);
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static int ImageId(int index) => 100 + (7 * index) + (index % 3);

    private static int CategoryId(int classIndex) => 1 + classIndex + (classIndex / 3);
}
