// Kafka's own generated classes as the judge of our codec.
//
// Reads the lines of `cargo run -p protocol --example samples` from standard input: NAME VERSION HEX- SHAPE.
// For each line, every given release that knows the message in that version reads the bytes and writes
// them again, which must give the same bytes; and names, types and order of the fields must be those of
// the shape. The fields are compared with the first of the releases that knows the line, as some were
// renamed since.
// A line that no release knows is an error.
//
// java Oracle.java RELEASE=CLASSPATH... < samples

import java.io.BufferedReader;
import java.io.File;
import java.io.InputStreamReader;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

public final class Oracle {
    private static final String[] PACKAGES = {
        "org.apache.kafka.common.message",
        "org.apache.kafka.common.metadata",
        "org.apache.kafka.coordinator.group.generated",
        "org.apache.kafka.coordinator.transaction.generated",
        "org.apache.kafka.coordinator.share.generated",
        "org.apache.kafka.raft.generated",
    };

    /** Versions of early-access APIs that a later release changed; the first release given counts. */
    private static final Set<String> REDEFINED = Set.of("ReadShareGroupStateSummaryResponse 0");

    /** How many failures are printed; the rest is only counted. */
    private static final int PRINTED_MAX = 30;

    public static void main(String[] arguments) throws Exception {
        List<Release> releases = new ArrayList<>();
        for (String argument : arguments) {
            int split = argument.indexOf('=');
            releases.add(new Release(argument.substring(0, split), argument.substring(split + 1)));
        }
        int lines = 0;
        int failures = 0;
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in));
        for (String line = input.readLine(); line != null; line = input.readLine()) {
            lines++;
            String failure = check(releases, line.split(" "));
            if (failure != null && failures++ < PRINTED_MAX) {
                System.err.println(failure);
            }
        }
        for (Release release : releases) {
            System.out.println("Kafka " + release.name + ": " + release.compared + " samples compared");
        }
        System.out.println(lines + " samples, " + failures + " failures");
        System.exit(failures == 0 && lines > 0 ? 0 : 1);
    }

    private static String check(List<Release> releases, String[] words) {
        String name = words[0];
        short version = Short.parseShort(words[1]);
        byte[] bytes = HexFormat.of().parseHex(words[2].substring(0, words[2].length() - 1));
        boolean known = false;
        for (Release release : releases) {
            try {
                Optional<Class<?>> type = release.find(name, version);
                if (type.isEmpty()) {
                    continue;
                }
                if (known && REDEFINED.contains(name + " " + version)) {
                    continue;
                }
                release.compared++;
                String shape = known ? words[3] : release.shape(type.get(), version);
                known = true;
                if (!shape.equals(words[3])) {
                    return name + " v" + version + " in Kafka " + release.name + " has the fields\n  "
                        + shape + "\nbut the schema says\n  " + words[3];
                }
                byte[] again = release.readAndWrite(type.get(), version, bytes);
                if (!java.util.Arrays.equals(bytes, again)) {
                    return name + " v" + version + ": Kafka " + release.name + " writes\n  "
                        + HexFormat.of().formatHex(again) + "\ninstead of\n  " + words[2];
                }
            } catch (Exception error) {
                Throwable cause = error.getCause() == null ? error : error.getCause();
                return name + " v" + version + ": Kafka " + release.name + " fails: " + cause;
            }
        }
        return known ? null : name + " v" + version + ": no release knows it";
    }

    /** One release of Kafka, in a class loader of its own. */
    private static final class Release {
        private final String name;
        private final ClassLoader loader;
        private final Map<String, Optional<Class<?>>> types = new HashMap<>();
        private int compared = 0;

        Release(String name, String classpath) throws Exception {
            this.name = name;
            List<URL> urls = new ArrayList<>();
            for (String file : classpath.trim().split(File.pathSeparator)) {
                urls.add(new File(file).toURI().toURL());
            }
            this.loader = new URLClassLoader(urls.toArray(new URL[0]), ClassLoader.getPlatformClassLoader());
        }

        /** The class of a message, if this release has it in the version. */
        Optional<Class<?>> find(String message, short version) throws Exception {
            Optional<Class<?>> type = types.computeIfAbsent(message, this::load);
            if (type.isEmpty()) {
                return type;
            }
            short lowest = type.get().getField("LOWEST_SUPPORTED_VERSION").getShort(null);
            short highest = type.get().getField("HIGHEST_SUPPORTED_VERSION").getShort(null);
            return version >= lowest && version <= highest ? type : Optional.empty();
        }

        private Optional<Class<?>> load(String message) {
            for (String in : PACKAGES) {
                for (String suffix : new String[] {"Data", ""}) {
                    try {
                        return Optional.of(Class.forName(in + "." + message + suffix, true, loader));
                    } catch (ClassNotFoundException error) {
                        // Look further.
                    }
                }
            }
            return Optional.empty();
        }

        byte[] readAndWrite(Class<?> type, short version, byte[] bytes) throws Exception {
            Class<?> accessor = loader.loadClass("org.apache.kafka.common.protocol.ByteBufferAccessor");
            Class<?> readable = loader.loadClass("org.apache.kafka.common.protocol.Readable");
            Class<?> writable = loader.loadClass("org.apache.kafka.common.protocol.Writable");
            Class<?> cache = loader.loadClass("org.apache.kafka.common.protocol.ObjectSerializationCache");
            ByteBuffer input = ByteBuffer.wrap(bytes);
            Object message = type.getConstructor().newInstance();
            type.getMethod("read", readable, short.class)
                .invoke(message, accessor.getConstructor(ByteBuffer.class).newInstance(input), version);
            if (input.hasRemaining()) {
                throw new IllegalStateException(input.remaining() + " bytes are left over");
            }
            Object sizes = cache.getConstructor().newInstance();
            Method size = loader.loadClass("org.apache.kafka.common.protocol.Message")
                .getMethod("size", cache, short.class);
            ByteBuffer output = ByteBuffer.allocate((int) size.invoke(message, sizes, version));
            type.getMethod("write", writable, cache, short.class)
                .invoke(message, accessor.getConstructor(ByteBuffer.class).newInstance(output), sizes, version);
            return output.array();
        }

        String shape(Class<?> type, short version) throws Exception {
            Object[] schemas = (Object[]) type.getField("SCHEMAS").get(null);
            return schemaShape(schemas[version]);
        }

        private String schemaShape(Object schema) throws Exception {
            List<String> fields = new ArrayList<>();
            for (Object bound : (Object[]) schema.getClass().getMethod("fields").invoke(schema)) {
                Object field = bound.getClass().getField("def").get(bound);
                Object type = field.getClass().getField("type").get(field);
                if (!type.getClass().getSimpleName().equals("TaggedFields")) {
                    fields.add(fieldShape(field));
                    continue;
                }
                // Kafka 3.9 has no accessor.
                Field tags = type.getClass().getDeclaredField("fields");
                tags.setAccessible(true);
                Map<?, ?> tagged = (Map<?, ?>) tags.get(type);
                for (Map.Entry<?, ?> entry : new TreeMap<>(tagged).entrySet()) {
                    fields.add(entry.getKey() + "=" + fieldShape(entry.getValue()));
                }
            }
            return "{" + String.join(",", fields) + "}";
        }

        private String fieldShape(Object field) throws Exception {
            String name = (String) field.getClass().getField("name").get(field);
            return name.replace("_", "").toLowerCase() + ":" + typeShape(field.getClass().getField("type").get(field));
        }

        private String typeShape(Object type) throws Exception {
            Class<?> kind = loader.loadClass("org.apache.kafka.common.protocol.types.Type");
            boolean nullable = (boolean) method(kind, "isNullable").invoke(type);
            String mark = nullable ? "?" : "";
            Optional<?> element = (Optional<?>) method(kind, "arrayElementType").invoke(type);
            if (element.isPresent()) {
                return "[" + typeShape(element.get()) + "]" + mark;
            }
            if (loader.loadClass("org.apache.kafka.common.protocol.types.Schema").isInstance(type)) {
                // Whether a struct may be null shows in the bytes only: Kafka 3.9 does not tell.
                return schemaShape(type);
            }
            String text = type.toString().toLowerCase().replace("compact_", "").replace("nullable_", "");
            // Records have a null of their own in our codec, whatever the schema says.
            return text.equals("records") ? text : text + mark;
        }

        private static Method method(Class<?> type, String name) throws Exception {
            Method method = type.getMethod(name);
            method.setAccessible(true);
            return method;
        }
    }
}
