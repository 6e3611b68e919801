package org.cupola.protocol.blobstore;

import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

/** Reads a listing of a WebDAV server (RFC 4918 section 9.1), as far as names and kinds go. */
final class PropFind {
    private static final String DAV = "DAV:";
    private static final XMLInputFactory XML = factory();

    private PropFind() {}

    /** What lies in a directory. */
    record Entry(String name, boolean directory) {}

    /** Nothing outside the document is ever fetched. */
    private static XMLInputFactory factory() {
        XMLInputFactory factory = XMLInputFactory.newFactory();
        factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
        factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
        return factory;
    }

    /** The entries; the first {@code prop}, which is the directory itself, is left out. */
    static List<Entry> read(InputStream document) throws BlobstoreException {
        try {
            XMLStreamReader reader = XML.createXMLStreamReader(document);
            List<Entry> entries = new ArrayList<>();
            while (reader.hasNext()) {
                if (reader.next() == XMLStreamConstants.START_ELEMENT && isDav(reader, "prop")) {
                    entries.add(prop(reader));
                }
            }
            return entries.isEmpty() ? entries : entries.subList(1, entries.size());
        } catch (XMLStreamException e) {
            throw new BlobstoreException(BlobstoreException.Kind.FAILED, "the listing is not XML", e);
        }
    }

    private static Entry prop(XMLStreamReader reader) throws XMLStreamException {
        String name = "";
        boolean directory = false;
        int type = 0;
        while (reader.hasNext()) {
            int event = reader.next();
            if (event == XMLStreamConstants.START_ELEMENT) {
                if (type > 0) {
                    directory = true;
                    type++;
                } else if (isDav(reader, "resourcetype")) {
                    type = 1;
                } else if (isDav(reader, "displayname")) {
                    name = reader.getElementText();
                }
            } else if (event == XMLStreamConstants.END_ELEMENT) {
                if (type > 0) {
                    type--;
                } else if (isDav(reader, "prop")) {
                    break;
                }
            }
        }
        return new Entry(name, directory);
    }

    private static boolean isDav(XMLStreamReader reader, String name) {
        return DAV.equals(reader.getNamespaceURI()) && name.equals(reader.getLocalName());
    }
}
