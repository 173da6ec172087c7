// Runs many of Kafka's command-line tools in one Java machine: reads a command a line from standard
// input, and answers each with its exit code and what it printed.
//
// A line is the class, what it reads from standard input, and its words, separated by tabs, with \n,
// \t and \\ for those letters. An answer is "CODE OUTPUT_BYTES ERROR_BYTES", a line end, and the bytes.

import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.PrintStream;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.security.Permission;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

public class ToolBatch {
    /** A tool that wants to end the Java machine. */
    static class Ended extends SecurityException {
        Ended() {
            super("ended");
        }
    }

    /** Keeps tools from ending the Java machine; the first code counts, and later output does not. */
    @SuppressWarnings("removal")
    static class Guard extends SecurityManager {
        Integer code;

        @Override
        public void checkExit(int status) {
            if (code == null) {
                System.out.flush();
                System.err.flush();
                code = status;
            }
            throw new Ended();
        }

        @Override
        public void checkPermission(Permission permission) { }

        @Override
        public void checkPermission(Permission permission, Object context) { }
    }

    /** What a tool prints until it has ended. */
    static class Printed extends OutputStream {
        final Guard guard;
        final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        Printed(Guard guard) {
            this.guard = guard;
        }

        @Override
        public synchronized void write(int value) {
            if (guard.code == null) {
                bytes.write(value);
            }
        }

        @Override
        public synchronized void write(byte[] buffer, int offset, int length) {
            if (guard.code == null) {
                bytes.write(buffer, offset, length);
            }
        }
    }

    @SuppressWarnings("removal")
    public static void main(String[] args) throws Exception {
        URL[] urls = urls(args[0]);
        ClassLoader shared = new URLClassLoader(urls, ClassLoader.getPlatformClassLoader());
        PrintStream answers = System.out;
        Guard guard = new Guard();
        System.setSecurityManager(guard);
        BufferedReader lines =
            new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            List<String> words = new ArrayList<>();
            for (String word : line.split("\t", -1)) {
                words.add(plain(word));
            }
            String[] arguments = words.subList(2, words.size()).toArray(new String[0]);
            guard.code = null;
            Printed output = new Printed(guard);
            Printed errors = new Printed(guard);
            System.setOut(new PrintStream(output, true, StandardCharsets.UTF_8));
            System.setErr(new PrintStream(errors, true, StandardCharsets.UTF_8));
            System.setIn(new ByteArrayInputStream(words.get(1).getBytes(StandardCharsets.UTF_8)));
            // The console's tools count in static fields.
            ClassLoader loader = words.get(0).contains("Console")
                ? new URLClassLoader(urls, ClassLoader.getPlatformClassLoader())
                : shared;
            int code = run(loader, words.get(0), arguments, guard);
            System.out.flush();
            System.err.flush();
            byte[] printed = output.bytes.toByteArray();
            byte[] told = errors.bytes.toByteArray();
            answers.println(code + " " + printed.length + " " + told.length);
            answers.write(printed);
            answers.write(told);
            answers.flush();
        }
        Runtime.getRuntime().halt(0);
    }

    static int run(ClassLoader loader, String name, String[] arguments, Guard guard) {
        Thread.currentThread().setContextClassLoader(loader);
        int code = 0;
        try {
            Class<?> tool = Class.forName(name, true, loader);
            ends().clear();
            tool.getMethod("main", String[].class).invoke(null, (Object) arguments);
            if (name.contains("Verifiable")) {
                List.copyOf(ends().keySet()).forEach(Thread::run);
            }
        } catch (InvocationTargetException exception) {
            if (guard.code == null) {
                exception.getCause().printStackTrace();
                code = 1;
            }
        } catch (ReflectiveOperationException exception) {
            exception.printStackTrace();
            code = 127;
        }
        return guard.code == null ? code : guard.code;
    }

    /** What is to be done when the Java machine ends, which here goes on. */
    @SuppressWarnings("unchecked")
    static Map<Thread, Thread> ends() throws ReflectiveOperationException {
        Field hooks = Class.forName("java.lang.ApplicationShutdownHooks").getDeclaredField("hooks");
        hooks.setAccessible(true);
        return (Map<Thread, Thread>) hooks.get(null);
    }

    static URL[] urls(String classPath) throws Exception {
        List<URL> urls = new ArrayList<>();
        for (String entry : classPath.split(File.pathSeparator)) {
            if (entry.endsWith("*")) {
                File[] jars = new File(entry.substring(0, entry.length() - 1)).listFiles();
                Arrays.sort(jars);
                for (File jar : jars) {
                    urls.add(jar.toURI().toURL());
                }
            } else {
                urls.add(new File(entry).toURI().toURL());
            }
        }
        return urls.toArray(new URL[0]);
    }

    static String plain(String word) {
        StringBuilder text = new StringBuilder();
        for (int at = 0; at < word.length(); at++) {
            char letter = word.charAt(at);
            if (letter != '\\') {
                text.append(letter);
                continue;
            }
            at++;
            char next = word.charAt(at);
            text.append(next == 'n' ? '\n' : next == 't' ? '\t' : next);
        }
        return text.toString();
    }
}
